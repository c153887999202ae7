import DynamoDBModel
import HTTPTransport

@testable import CurlTransport

// What comes over the wire.
extension FuzzTarget {
  static let codec = [
    FuzzTarget(name: "item", run: item), FuzzTarget(name: "page", run: page), FuzzTarget(name: "json", run: json),
    FuzzTarget(name: "answer", run: answer),
  ]

  /// An item on the tape and as values is one item, and is itself again after it was written.
  @Sendable private static func item(_ bytes: [UInt8]) {
    var tape = ItemTape()
    guard let end = try? tape.read(bytes.span), isBlank(bytes[end...]) else { return }
    compare(tape, bytes.span)
  }

  private static func compare(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) {
    let item = Item(tape, bytes)
    precondition(tape.sizeInBytes(bytes) == item.sizeInBytes, "sizes differ")
    var canonical = ByteBuffer()
    tape.appendCanonical(bytes, to: &canonical)
    var wire = ByteBuffer()
    item.encode(into: &wire)
    guard let again = try? Item(wire: wire.span) else { preconditionFailure("what was written can't be read") }
    precondition(again == item && again.hashValue == item.hashValue, "an item isn't itself again")
    var tree = ItemTape()
    guard let end = try? tree.read(wire.span) else { preconditionFailure("what was written has no tape") }
    precondition(end == wire.count)
    var second = ByteBuffer()
    tree.appendCanonical(wire.span, to: &second)
    precondition(same(canonical, second), "canonical forms differ")
  }

  /// A page of a scan: every item of it, and what it says about itself.
  @Sendable private static func page(_ bytes: [UInt8]) {
    var tape = ItemTape()
    guard var reader = try? ScanPageReader(bytes.span) else { return }
    while (try? reader.next(&tape, bytes.span)) == true {
      precondition(Item(tape, bytes.span).sizeInBytes == tape.sizeInBytes(bytes.span))
    }
    if let key = reader.lastEvaluatedKey { precondition(key.lowerBound >= 0 && key.upperBound <= bytes.count) }
  }

  /// What is read as JSON and written again is the same JSON.
  @Sendable private static func json(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes.span) else { return }
    let text = value.text
    guard let again = try? JSONValue(parsing: Array(text.utf8).span) else { preconditionFailure("what was written can't be read") }
    precondition(again.text == text)
  }

  /// However an answer is cut into pieces, the outcome is the same.
  @Sendable private static func answer(_ bytes: [UInt8]) {
    let whole = outcome(bytes, step: max(1, bytes.count))
    precondition(whole == outcome(bytes, step: 1) && whole == outcome(bytes, step: 7), "pieces matter")
  }

  private struct Outcome: Equatable {
    var status = 0
    var body: [UInt8] = []
    var closes = false
    var fault: AnswerFault?
    var isComplete = false
  }

  private static func outcome(_ bytes: [UInt8], step: Int) -> Outcome {
    var parser = AnswerParser(longestAnswer: 4_096)
    var buffer = ByteBuffer()
    var outcome = Outcome()
    var fed = 0
    while fed < bytes.count {
      let end = min(fed + step, bytes.count)
      buffer.append(contentsOf: bytes[fed..<end])
      fed = end
      do throws(AnswerFault) {
        guard try parser.advance(&buffer) == .complete else { continue }
      } catch {
        outcome.fault = error
        return outcome
      }
      outcome.isComplete = true
      outcome.status = parser.status
      outcome.closes = parser.closes
      for index in parser.body { outcome.body.append(buffer[index]) }
      return outcome
    }
    return outcome
  }

  static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

  private static func same(_ left: borrowing ByteBuffer, _ right: borrowing ByteBuffer) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
  }
}
