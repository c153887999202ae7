import AWSAuth
import DynamoDBClient
import DynamoDBModel
import Synchronization
import TestSupport
import Testing

/// What a call does whose attempts somebody has to allow.
@Suite("A gate before each attempt")
struct AttemptGateTests {
  private static let put = PutItemInput(tableName: "t", item: ["id": .string("a")])
  private static let get = GetItemInput(tableName: "t", key: ["id": .string("a")])

  private func put(_ test: TestClient, _ gate: any AttemptGate, _ resend: Resend = .always) async -> DynamoDBError? {
    var options = CallOptions(resend: resend)
    options.gate = gate
    return await failure { () throws(DynamoDBError) in try await test.client.putItem(Self.put, options: options) }
  }

  @Test(
    "Each attempt is asked about, a resend too, and resolved by a 2xx or by a 4xx that excludes the write; a 5xx doesn't",
    arguments: [
      ([.answer(200, "{}")], [.landed]),
      ([.answer(200, "no JSON")], [.landed]),
      ([.answer(200, "{}", fields: ["x-amz-crc32: 1"]), .answer(200, "{}")], [.landed, .landed]),
      ([refusal("ConditionalCheckFailedException")], [.excluded]),
      ([refusal("ThrottlingException"), .answer(200, "{}")], [.excluded, .landed]),
      ([.answer(408, ""), .answer(200, "{}")], [.unknown]),
      ([refusal("InternalServerError", status: 500), .answer(200, "{}")], [.unknown, .landed]),
      ([.failure(.reset), .failure(.late), refusal("ConditionalCheckFailedException")], [.unknown, .unknown, .excluded]),
      ([.failure(.refused), .answer(200, "{}")], [.excluded, .landed]),
    ] as [([ScriptedTransport.Step], [AttemptEnd])])
  func ends(script: [ScriptedTransport.Step], ends: [AttemptEnd]) async throws {
    let gate = ScriptedGate()
    _ = await put(try TestClient(script), gate)
    #expect(gate.ends.prefix(ends.count).map(\.end) == ends)
    #expect(gate.ends.map(\.number) == Array(1...gate.ends.count) && gate.asked == gate.ends.count)
  }

  @Test("The signature's time is taken, then the lease is checked, then it is signed: who sleeps in between sends a dead signature")
  func order() async throws {
    let time = MachineTime()
    let test = try TestClient([.answer(200, "{}")], wallClock: WallClock { time.now })
    _ = await put(test, ScriptedGate { time.sleep() })
    #expect(time.now == 1_700_003_600_000)
    #expect(test.transport.sent.first?.head.contains("x-amz-date: 20231114T221320Z") == true)
  }

  @Test("A call that has to wait waits on the client's clock, and isn't counted as tried")
  func waits() async throws {
    let gate = ScriptedGate([.refused(.wait), .refused(.wait), .granted(7), .granted(8)])
    let test = try TestClient([.failure(.refused), .answer(200, "{}")])
    #expect(await put(test, gate) == nil)
    #expect(test.clock.sleeps.prefix(2) == [.milliseconds(20), .milliseconds(20)] && test.clock.sleeps.count == 3)
    #expect(test.transport.sent.count == 2 && gate.ends.map(\.number) == [7, 8])
  }

  @Test("It waits to its own deadline, and less often when it takes long")
  func waitsToItsDeadline() async throws {
    let gate = ScriptedGate(Array(repeating: .refused(.wait), count: 1_000))
    let test = try TestClient([], retry: RetryPolicy(deadline: .seconds(30)))
    let error = await put(test, gate)
    #expect(error?.code == .heldBack && error?.refusal == .wait && error?.attempts == 0 && error?.outcomeUnknown == false)
    #expect(test.clock.sleeps.reduce(.zero, +) > .seconds(29) && test.clock.sleeps.count < 200 && test.transport.sent.isEmpty)
  }

  @Test("What a switch forbids fails at once, and what was sent before stays unknown", arguments: [false, true])
  func beginsAnew(afterLost: Bool) async throws {
    let gate = ScriptedGate((afterLost ? [.granted(1)] : []) + [.refused(.beginAnew)])
    let test = try TestClient([.failure(.reset), .answer(200, "{}")])
    let error = await put(test, gate)
    #expect(error?.refusal == .beginAnew && error?.outcomeUnknown == afterLost && error?.attempts == (afterLost ? 1 : 0))
    #expect(test.transport.sent.count == (afterLost ? 1 : 0) && gate.ends.count == (afterLost ? 1 : 0))
  }

  @Test("A call that is cancelled before anything was pulled asks nobody")
  func cancelled() async throws {
    let gate = ScriptedGate()
    let error = await put(try TestClient([.neverPulled]), gate, .never)
    #expect(error?.code == .cancelled && gate.asked == 0 && gate.ends.isEmpty)
  }

  @Test("A gated client asks its own gates, reads and writes apart, and shares all else with the one it is made of")
  func gatedClient() async throws {
    let (reads, writes, own) = (ScriptedGate(), ScriptedGate(), ScriptedGate())
    let test = try TestClient(Array(repeating: .answer(200, "{}"), count: 6))
    let gated = test.client.gated(reads: reads, writes: writes)
    _ = try await gated.getItem(Self.get)
    _ = try await gated.putItem(Self.put)
    _ = try await gated.updateItem(UpdateItemInput(tableName: "t", key: ["id": .string("a")]))
    _ = try await test.client.putItem(Self.put)
    #expect(reads.asked == 1 && writes.asked == 2)
    var options = CallOptions()
    options.gate = own
    _ = try await gated.putItem(Self.put, options: options)
    #expect(own.asked == 1 && writes.asked == 2)
    await gated.shutdown()
    #expect(!test.transport.isShutDown && gated.serviceClock === test.client.serviceClock)
  }

  @Test("What is held back says what to do")
  func messages() {
    for refusal in [AttemptRefusal.wait, .beginAnew, .phaseUnknown] {
      let error = DynamoDBError(refusal)
      #expect(error.description.hasPrefix("HeldBack: ") && error.message.contains(": ") && !error.isRetryable)
    }
  }
}

/// The clock of a machine that is suspended for hours.
private final class MachineTime: Sendable {
  private let time = Mutex(Int64(1_700_000_000_000))

  var now: Int64 { time.withLock { $0 } }
  func sleep() { time.withLock { $0 += 3_600_000 } }
}

/// A gate that says what its script says, and lets everything through after it.
final class ScriptedGate: AttemptGate {
  private struct State {
    var script: [AttemptPermit]
    var asked = 0
    var ends: [(number: Int, end: AttemptEnd)] = []
  }

  private let state: Mutex<State>
  private let onAsk: @Sendable () -> Void

  init(_ script: [AttemptPermit] = [], onAsk: @escaping @Sendable () -> Void = {}) {
    state = Mutex(State(script: script))
    self.onAsk = onAsk
  }

  var asked: Int { state.withLock { $0.asked } }
  var ends: [(number: Int, end: AttemptEnd)] { state.withLock { $0.ends } }

  func attempt() -> AttemptPermit {
    onAsk()
    return state.withLock { state in
      state.asked += 1
      return state.script.isEmpty ? .granted(state.asked) : state.script.removeFirst()
    }
  }

  func ended(_ number: Int, _ end: AttemptEnd) { state.withLock { $0.ends.append((number, end)) } }
}
