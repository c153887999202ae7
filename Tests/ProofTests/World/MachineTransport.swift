import DynamoDBClient
import DynamoDBSimulator
import HTTPTransport
import Synchronization

/// A machine's way to the simulated service.
///
/// A request is signed inside the process and travels outside of it: a process that is suspended in between sends a signature as old as
/// its sleep, and one that is suspended while the request is on its way finds the answer when it wakes.
final class MachineTransport: HTTPTransport {
  private let process: SimulatedProcess
  private let world: World
  private let isCut = Atomic(false)

  init(_ process: SimulatedProcess, _ world: World) {
    self.process = process
    self.world = world
  }

  var loops: [any TaskExecutor] { [process] }

  /// Lets nothing through any more: to the world the process is dead, whatever it still does. What it has sent arrives.
  func cut() { isCut.store(true, ordering: .relaxed) }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    repeat {
      var buffer = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &buffer) else { return }
      await Task.yield()
      if isCut.load(ordering: .relaxed) {
        source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "The process is dead."))
        continue
      }
      let letter = Letter(buffer)
      await withTaskExecutorPreference(process.time) {
        await world.simulator.perform(letter, at: origin, timeouts: timeouts)
      }
      letter.deliver(token, to: source)
    } while source.mayHaveMore && !Task.isCancelled
  }

  func shutdown() async {}
}

/// One request on its way, and what came of it.
///
/// Sound as `@unchecked Sendable`: it belongs to one call of `perform`, which doesn't touch it while the simulator has it.
private final class Letter: HTTPRequestSource, @unchecked Sendable {
  private enum Outcome: ~Copyable {
    case none
    case answered(HTTPAnswer)
    case failed(HTTPTransportError)
  }

  private var request: HTTPRequestBuffer
  private var isSent = false
  private var outcome = Outcome.none

  init(_ request: consuming HTTPRequestBuffer) { self.request = request }

  var mayHaveMore: Bool { !isSent }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard !isSent else { return nil }
    isSent = true
    swap(&request, &self.request)
    return 0
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    outcome = .answered(
      HTTPAnswer(status: answer.status, bytes: answer.takeBytes(), fields: answer.fields, body: answer.body))
  }

  func failed(_ token: Int, _ error: HTTPTransportError) { outcome = .failed(error) }

  func deliver(_ token: Int, to source: any HTTPRequestSource) {
    var outcome = Outcome.none
    swap(&outcome, &self.outcome)
    switch consume outcome {
    case .none: source.failed(token, HTTPTransportError(.cancelled, mayHaveArrived: isSent, "The call was cancelled."))
    case .answered(var answer): source.answered(token, &answer)
    case .failed(let error): source.failed(token, error)
    }
  }
}
