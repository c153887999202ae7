import DualTableRehearsal
import DualTableScan
import DynamoDBSimulator
import HTTPTransport
import Synchronization
import TestSupport
import Testing

/// Names that nobody bears: of registrations that arrived after their participants had registered anew.
@Suite("A late registration in a rehearsal") struct LateRegistrationTests {
  /// A service's machine whose first registration is under way until the machine has acknowledged phase 2.
  private final class LateRegistration: MachineTampering {
    private enum State: Sendable {
      case none
      case held(Letter)
      case arrived
    }

    private let state: Mutex<State>
    var countsOldWrites: Bool { true }
    func writesBehindMigrator(_ call: Call) -> Bool { false }

    init(_ role: Rehearsal.Role) { state = Mutex(role == .service ? .none : .arrived) }

    func carry(_ letter: Letter, from process: SimulatedProcess, by exchange: (Letter) async -> Void) async -> Letter {
      let text = letter.read { request in
        let body = request.body
        return String(decoding: body.indices.map { body[$0] }, as: UTF8.self)
      }
      if text.contains("participant#"), holds(letter) {
        let lost = Letter(HTTPRequestBuffer())
        lost.failed(0, HTTPTransportError(.closed, mayHaveArrived: true, "No answer came."))
        return lost
      }
      if text.contains(#""acknowledged":{"N":"3"}"#), let late = release() { await exchange(late) }
      await exchange(letter)
      return letter
    }

    private func holds(_ letter: Letter) -> Bool {
      state.withLock { state in
        guard case .none = state else { return false }
        state = .held(letter)
        return true
      }
    }

    private func release() -> Letter? {
      state.withLock { state in
        guard case .held(let letter) = state else { return nil }
        state = .arrived
        return letter
      }
    }
  }

  @Test("The freeze goes on without them once they have been silent for 45 minutes") func freeze() throws {
    let directory = TemporaryDirectory()
    var configuration = Rehearsal.Configuration(
      mapping: try RehearsalTests.mapping("identity"), items: .madeUp(120), seed: 1, directory: directory.path)
    (configuration.operations, configuration.faults, configuration.instances) = (300, .light, 1)
    configuration.tampering = { LateRegistration($0) }
    let stop = StopSignal()
    let result = try Rehearsal(configuration).run(stop: stop) { progress in
      // Without an end nobody would see that it has none.
      if case .at(.toDualTable, let virtual, _) = progress, virtual > .seconds(30_000) { stop.request(.timeLimit) }
    }
    #expect(result.isClean, "\(result.history) \(result.failures)")
    let freeze = try #require(result.moves[0].steps.first { $0.stage == .toDualTable })
    #expect(freeze.ended - freeze.began > .seconds(2_700), "\(freeze)")
  }
}
