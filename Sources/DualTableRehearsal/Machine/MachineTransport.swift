package import DynamoDBSimulator
package import HTTPTransport
internal import Synchronization

/// A machine's way to the simulated service.
///
/// A request is signed inside the process and travels outside of it: a process that is suspended in between sends a signature as old as
/// its sleep, and one that is suspended while the request is on its way finds the answer when it wakes.
package final class MachineTransport: HTTPTransport {
  package let process: SimulatedProcess
  /// What is broken about the process; nil where nothing is.
  package let tampering: (any MachineTampering)?
  private let simulator: DynamoDBSimulator
  private let isCut = Atomic(false)

  init(_ process: SimulatedProcess, _ simulator: DynamoDBSimulator, _ tampering: (any MachineTampering)?) {
    self.process = process
    self.simulator = simulator
    self.tampering = tampering
  }

  package var loops: [any TaskExecutor] { [process] }

  /// Lets nothing through any more: to the world the process is dead, whatever it still does. What it has sent arrives.
  package func cut() { isCut.store(true, ordering: .relaxed) }

  package func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    repeat {
      var buffer = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &buffer) else { return }
      await Task.yield()
      if isCut.load(ordering: .relaxed) {
        source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "The process is dead."))
        continue
      }
      let letter = Letter(buffer)
      if let tampering {
        await tampering.carry(letter, from: process) { await self.exchange($0, origin, timeouts) }.deliver(token, to: source)
      } else {
        await exchange(letter, origin, timeouts)
        letter.deliver(token, to: source)
      }
    } while source.mayHaveMore && !Task.isCancelled
  }

  package func shutdown() async {}

  private func exchange(_ letter: Letter, _ origin: HTTPOrigin, _ timeouts: HTTPTimeouts) async {
    await withTaskExecutorPreference(process.time) { await simulator.perform(letter, at: origin, timeouts: timeouts) }
  }
}

/// What is broken about a machine, for those who break rules to see them kept: it stands where requests leave and answers come.
package protocol MachineTampering: Sendable {
  /// Carries a request out by `exchange`, as it is or as the broken machine would have sent it.
  ///
  /// - Returns: the letter whose answer the machine sees.
  func carry(_ letter: Letter, from process: SimulatedProcess, by exchange: (Letter) async -> Void) async -> Letter

  /// False if the machine's writes to OLD go out by a client that nobody counts.
  var countsOldWrites: Bool { get }

  /// True if this write goes to OLD whatever the phase.
  func writesBehindMigrator(_ call: Call) -> Bool
}
