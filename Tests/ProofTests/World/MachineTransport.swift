import DynamoDBClient
import DynamoDBModel
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
  /// What is broken about the process; nil where nothing is.
  private let tampering: Tampering?
  private let isCut = Atomic(false)
  /// Nanoseconds that its writes to OLD are longer under way than others'.
  private let slowness = Atomic<Int64>(0)
  private let heldBack = Mutex<WireMessage?>(nil)

  init(_ process: SimulatedProcess, _ role: Role, _ world: World) {
    self.process = process
    tampering = world.defect.map { Tampering($0, role, world) }
    self.world = world
  }

  var loops: [any TaskExecutor] { [process] }

  /// Lets nothing through any more: to the world the process is dead, whatever it still does. What it has sent arrives.
  func cut() { isCut.store(true, ordering: .relaxed) }

  /// Has its writes to OLD travel so much longer; no timeout of the client's ends that.
  func slowsWritesToOld(by length: Duration) { slowness.store(length.inNanoseconds, ordering: .relaxed) }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    repeat {
      var buffer = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &buffer) else { return }
      await Task.yield()
      if isCut.load(ordering: .relaxed) {
        source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "The process is dead."))
        continue
      }
      let slowness = slowness.load(ordering: .relaxed)
      if slowness > 0, let message = WireMessage(buffer), message.isWrite, message.table == Dialect.old.table {
        await withTaskExecutorPreference(process.time) { try? await world.time.sleep(for: .nanoseconds(slowness)) }
      }
      if let tampering, let message = WireMessage(buffer) {
        await tamper(message, tampering, token, source, origin, timeouts)
      } else {
        await exchange(Letter(buffer), origin, timeouts).deliver(token, to: source)
      }
    } while source.mayHaveMore && !Task.isCancelled
  }

  func shutdown() async {}

  private func exchange(_ letter: Letter, _ origin: HTTPOrigin, _ timeouts: HTTPTimeouts) async -> Letter {
    await withTaskExecutorPreference(process.time) { await world.simulator.perform(letter, at: origin, timeouts: timeouts) }
    return letter
  }

  /// Exchanges a request as the broken implementation would.
  private func tamper(
    _ original: WireMessage, _ tampering: Tampering, _ token: Int, _ source: any HTTPRequestSource, _ origin: HTTPOrigin,
    _ timeouts: HTTPTimeouts
  ) async {
    var message = original
    if let answer = tampering.change(&message) { return Letter(answer: answer).deliver(token, to: source) }
    if tampering.holdsBack(message) {
      heldBack.withLock { $0 = message }
      return Letter(answer: .object([])).deliver(token, to: source)
    }
    var letter = await exchange(Letter(message.signed()), origin, timeouts)
    if message.operation == "GetItem", let late = heldBack.withLock({ $0.take() }) {
      _ = await exchange(Letter(late.signed()), origin, timeouts)
    }
    if letter.isLost, tampering.sendsAgain(message) { letter = await exchange(Letter(message.signed()), origin, timeouts) }
    if letter.isLost, tampering.takesForNone(message) { letter.neverArrived() }
    if letter.isLost, tampering.takesForGood(message) { letter = Letter(answer: .object([])) }
    letter.change { tampering.read(message, $0) }
    letter.deliver(token, to: source)
  }
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

  /// One that is answered already.
  init(answer: JSONValue) {
    request = HTTPRequestBuffer()
    isSent = true
    outcome = .answered(Self.answer(answer))
  }

  private static func answer(_ json: JSONValue) -> HTTPAnswer {
    var bytes = ByteBuffer()
    bytes.append("HTTP/1.1 200 OK\r\n\r\n")
    let head = bytes.count
    json.encode(into: &bytes)
    return HTTPAnswer(status: 200, bytes: bytes, fields: head - 2..<head - 2, body: head..<bytes.count)
  }

  /// True if the request may have been carried out and nobody knows.
  private(set) var isLost = false

  func neverArrived() { outcome = .failed(HTTPTransportError(.connect, mayHaveArrived: false, "Nothing listens there.")) }

  /// Changes a good answer.
  func change(_ body: (JSONValue) -> JSONValue) {
    var taken = Outcome.none
    swap(&taken, &outcome)
    switch consume taken {
    case .none: break
    case .failed(let error): outcome = .failed(error)
    case .answered(let answer):
      let json = answer.status == 200 ? Self.json(answer) : nil
      let changed = json.map(body)
      if let changed, changed != json { outcome = .answered(Self.answer(changed)) } else { outcome = .answered(answer) }
    }
  }

  private static func json(_ answer: borrowing HTTPAnswer) -> JSONValue? { try? JSONValue(parsing: answer.bodySpan) }

  var mayHaveMore: Bool { !isSent }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard !isSent else { return nil }
    isSent = true
    swap(&request, &self.request)
    return 0
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    isLost = answer.status >= 500
    outcome = .answered(
      HTTPAnswer(status: answer.status, bytes: answer.takeBytes(), fields: answer.fields, body: answer.body))
  }

  func failed(_ token: Int, _ error: HTTPTransportError) {
    isLost = error.mayHaveArrived
    outcome = .failed(error)
  }

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
