import AWSAuth
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import Synchronization

/// Whose machine a request comes from.
enum Role: Sendable { case service, backfill, director }

/// What one broken machine remembers.
final class Tampering: MachineTampering {
  private struct State {
    var participants: [String]?
    var control: JSONValue?
  }

  private let defect: Defect?
  private let role: Role
  private let world: World?
  private let state = Mutex(State())
  /// Nanoseconds that its writes to OLD are longer under way than others'.
  private let slowness = Atomic<Int64>(0)
  private let heldBack = Mutex<WireMessage?>(nil)

  init(_ defect: Defect?, _ role: Role, _ world: World?) {
    self.defect = defect
    self.role = role
    self.world = world
  }

  private var control: Item? { world?.simulator.items(in: "control").first { $0["item"]?.stringValue == "control" } }
  private var epoch: JSONValue { .object([.init("N", .string(control?["epoch"]?.numberValue?.text ?? "0"))]) }
  private var phase: String { control?["phase"]?.stringValue ?? "" }

  /// Has its writes to OLD travel so much longer; no timeout of the client's ends that.
  func slowsWritesToOld(by length: Duration) { slowness.store(length.inNanoseconds, ordering: .relaxed) }

  var countsOldWrites: Bool { defect != .oldWritesUncounted }
  func writesBehindMigrator(_ call: Call) -> Bool { defect == .insertsBehindMigrator && call.isUpdateExpression }

  func carry(_ letter: Letter, from process: SimulatedProcess, by exchange: (Letter) async -> Void) async -> Letter {
    let slowness = slowness.load(ordering: .relaxed)
    guard defect != nil || slowness > 0, let original = letter.read({ WireMessage($0) }) else {
      await exchange(letter)
      return letter
    }
    if slowness > 0, original.isWrite, original.table == Dialect.old.table {
      await withTaskExecutorPreference(process.time) { try? await process.time.sleep(for: .nanoseconds(slowness)) }
    }
    guard defect != nil else {
      await exchange(letter)
      return letter
    }
    return await carry(original, by: exchange)
  }

  /// Exchanges a request as the broken implementation would.
  private func carry(_ original: WireMessage, by exchange: (Letter) async -> Void) async -> Letter {
    var message = original
    if let answer = change(&message) { return Letter(answer) }
    if holdsBack(message) {
      heldBack.withLock { $0 = message }
      return Letter(.object([]))
    }
    var letter = Letter(message.signed())
    await exchange(letter)
    if message.operation == "GetItem", let late = heldBack.withLock({ $0.take() }) { await exchange(Letter(late.signed())) }
    if letter.isLost, sendsAgain(message) {
      letter = Letter(message.signed())
      await exchange(letter)
    }
    if letter.isLost, takesForNone(message) { letter.neverArrived() }
    if letter.isLost, takesForGood(message) { letter = Letter(.object([])) }
    letter.change { body in
      guard let json = try? JSONValue(parsing: body), case let changed = read(message, json), changed != json else { return nil }
      return changed.bytes
    }
    return letter
  }

  /// Changes a request as the broken implementation would have sent it.
  ///
  /// - Returns: an answer in place of the service's, where the request isn't sent at all.
  func change(_ message: inout WireMessage) -> JSONValue? {
    switch (defect, role, message.operation, message.table) {
    case (.deleteWithoutTombstone, .service, "PutItem", "new"):
      guard message["Item"]?["_dt"] != nil, let user = message["Item"]?["user"] else { return nil }
      message.operation = "DeleteItem"
      message["Item"] = nil
      message["Key"] = .object([.init("user", user)])
    case (.deleteOfAnotherKey, .service, "PutItem", "new"):
      guard let item = message["Item"], item["_dt"] != nil, let user = item["user"]?["S"]?.string else { return nil }
      message["Item"] = item.setting("user", .object([.init("S", .string(user + "#"))]))
    case (.updateUnguarded, .service, "UpdateItem", "new"):
      if message.condition.hasPrefix("attribute_exists(#_0) AND ") { message.unguard("attribute_exists(#_0)") }
    case (.replaceUnguarded, .service, "PutItem", "new"):
      if message.condition == "attribute_not_exists(#_0)" { message.unguard() }
    case (.insertsUnsent, _, "PutItem", "new"):
      // Acknowledged before it is written, and then forgotten.
      if message.condition.hasPrefix("attribute_not_exists("), !message.condition.contains("AND") { return .object([]) }
    case (.tombstoneReplacedUnguarded, .service, "PutItem", "new"), (.tombstoneReplacedUnguarded, .service, "UpdateItem", "new"):
      if message.condition.hasPrefix("attribute_exists("), !message.condition.contains("AND") { message.unguard() }
    case (.backfillUnconditional, .backfill, "PutItem", "new"), (.commitsUnconditionally, .director, "PutItem", "control"),
      (.removesUnconditionally, .director, "DeleteItem", "control"):
      message.unguard()
    case (.tombstoneLeaks, .service, "GetItem", "new"):
      guard message["ProjectionExpression"] == nil else { return nil }
      message["ProjectionExpression"] = .string("#u, #v")
      message["ExpressionAttributeNames"] = .object([.init("#u", .string("user")), .init("#v", .string("v"))])
    case (.readsEventually, .service, "GetItem", "new"): message["ConsistentRead"] = .bool(false)
    case (.phaseReadAgain, .service, "GetItem", "old"):
      if phase == "newWithTombstones" || phase == "new" { return .object([]) }
    case (.acknowledgesUndrained, .service, "PutItem", "control"), (.acknowledgesBeforeOperationsEnd, .service, "PutItem", "control"):
      guard let item = message["Item"], item["acknowledged"] != nil else { return nil }
      if defect == .acknowledgesUndrained || phase == "dualTable" || phase == "newWithTombstones" {
        message["Item"] = item.setting("acknowledged", epoch)
      }
    case (.signsAfterCheck, .service, _, "old"): message.date = world?.time.wallClock.now() ?? message.date
    default: break
    }
    return nil
  }

  /// Changes an answer as the broken implementation would have read it.
  func read(_ message: WireMessage, _ answer: JSONValue) -> JSONValue {
    switch (defect, role, message.operation, message.table) {
    case (.staleAcknowledgement, .director, "Query", "control"):
      return items(of: answer) { item in
        item["acknowledged"]?["N"]?.string == "0" ? item : item.setting("acknowledged", epoch)
      }
    case (.listsBeforeDrain, .director, "Query", "control"):
      let names = items(answer).compactMap { $0["item"]?["S"]?.string }
      let known = state.withLock { state in
        state.participants = state.participants ?? names
        return state.participants ?? []
      }
      return answer.setting("Items", .array(items(answer).filter { known.contains($0["item"]?["S"]?.string ?? "") }))
    case (.staleBeat, .service, "GetItem", "control"):
      guard let item = answer["Item"] else { return answer }
      let first = state.withLock { state in
        if state.control == nil, item["next"] == nil { state.control = item }
        return state.control ?? item
      }
      // What an overlapping beat has read before the switch, taken for the newest.
      return item["phase"]?["S"]?.string == "dualTable" ? answer.setting("Item", first.setting("epoch", epoch)) : answer
    default: return answer
    }
  }

  /// True if an answer that was lost makes the broken implementation send the request once more.
  func sendsAgain(_ message: WireMessage) -> Bool { defect == .lostAnswerSentAgain && role == .service && message.isWrite }
  /// True if a lost answer is taken for a request that never arrived.
  func takesForNone(_ message: WireMessage) -> Bool { defect == .lostAnswerTakenForNone && role == .service && message.isWrite }
  /// True if a lost answer is taken for a good one.
  func takesForGood(_ message: WireMessage) -> Bool { defect == .putsCountedUnanswered && role == .backfill && message.isWrite }
  /// True if the request is to arrive behind the next read of the control item.
  func holdsBack(_ message: WireMessage) -> Bool {
    defect == .readsThenRegisters && role == .service && message.table == "control" && message.operation == "PutItem"
      && message.condition.hasPrefix("attribute_not_exists")
  }

  private func items(_ answer: JSONValue) -> [JSONValue] { answer["Items"]?.array ?? [] }
  private func items(of answer: JSONValue, _ change: (JSONValue) -> JSONValue) -> JSONValue {
    answer.setting("Items", .array(items(answer).map(change)))
  }
}

extension Letter {
  /// One that is answered already.
  fileprivate convenience init(_ answer: JSONValue) { self.init(answer: answer.bytes.span) }
}

extension JSONValue {
  fileprivate var bytes: ByteBuffer {
    var bytes = ByteBuffer()
    encode(into: &bytes)
    return bytes
  }
}
