import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct ItemTapeTests {
  /// One tape for all, so that what it has learned from one item meets the next.
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func agreesWithTheReference(seed: UInt64) throws {
    var items = GeneratedItems(seed: seed)
    var tape = ItemTape()
    var accepted = 0
    for round in 0..<800 {
      let wire = items.item().wire
      var bytes = items.random.chance(40) ? items.awkward(wire) : Array(wire.utf8)
      if items.random.chance(50) { bytes = items.damaged(bytes) }
      let comment = Comment("seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
      let expected = ReferenceDecoder.item(bytes)
      if expected != nil { accepted += 1 }
      guard let end = try? tape.read(bytes.span) else {
        #expect(expected == nil, comment)
        #expect(tape.count == 0)
        continue
      }
      let rest = bytes[end...].allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
      #expect((expected != nil) == rest, comment)
      guard rest, let expected else { continue }
      try expectSame(tape, bytes, expected, comment)
    }
    #expect(accepted > 300)
  }

  private func expectSame(_ tape: borrowing ItemTape, _ bytes: [UInt8], _ expected: Item, _ comment: Comment) throws {
    let item = Item(tape, bytes.span)
    #expect(item == expected, comment)
    #expect(item.names.elementsEqual(expected.names) { Array($0.utf8) == Array($1.utf8) }, comment)
    #expect(item.hashValue == expected.hashValue, comment)
    #expect(item.wire == expected.wire, comment)
    #expect(try AttributeMap(wire: item.wire.utf8.span) == item, comment)
    #expect(tape.sizeInBytes(bytes.span) == expected.sizeInBytes, comment)
    #expect(bytes.count >= expected.sizeInBytes, comment)
    var canonical = ByteBuffer()
    tape.appendCanonical(bytes.span, to: &canonical)
    #expect([UInt8](copying: canonical.span) == expected.canonical, comment)
    var index = 1
    for (name, value) in expected {
      #expect(tape.child(named: name.utf8.span, bytes.span) == index, comment)
      #expect(try AttributeValue(wire: bytes.span.extracting(tape[index].valueRange)) == value, comment)
      index = tape[index].end
    }
    #expect(index == tape.count, comment)
  }

  @Test(arguments: [5, 6] as [UInt64]) func canonicalFormIsEquality(seed: UInt64) {
    var items = GeneratedItems(seed: seed)
    let made = (0..<80).map { _ in items.item() }
    for left in made {
      for right in made { #expect((left == right) == (left.canonical == right.canonical), "seed \(seed)") }
      var entries = Array(left)
      entries.shuffle(using: &items.random)
      let shuffled = AttributeMap(entries)
      #expect(shuffled == left && shuffled.hashValue == left.hashValue && shuffled.canonical == left.canonical)
    }
  }

  @Test func nodesSayWhereThingsAre() throws {
    let text = #" { "a\/b" : {"S":"x\n"}, "m":{"M":{"k":{"L":[{"N":"1"},{"BOOL":false}]},"e":{"NULL":true}}},"s":{"SS":["p","q"]}} tail"#
    let bytes = Array(text.utf8)
    func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    var tape = ItemTape()
    let end = try tape.read(bytes.span)
    #expect(slice(end..<bytes.count) == " tail")
    #expect(tape.count == 10 && tape[0].end == 10 && tape[0].type == .map)
    #expect(slice(tape[0].valueRange) == text.dropFirst().dropLast(5))
    #expect(slice(tape[1].nameRange) == #"a\/b"# && tape[1].nameEscaped && tape[1].contentEscaped)
    #expect(slice(tape[1].valueRange) == #"{"S":"x\n"}"# && slice(tape[1].contentRange) == #"x\n"#)
    #expect(tape.name(of: 1, bytes.span) == "a/b" && tape.text(of: 1, bytes.span) == "x\n")
    #expect(slice(tape[2].contentRange) == #""k":{"L":[{"N":"1"},{"BOOL":false}]},"e":{"NULL":true}"# && tape[2].end == 7)
    #expect(slice(tape[3].contentRange) == #"{"N":"1"},{"BOOL":false}"# && tape[3].end == 6)
    #expect(slice(tape[4].valueRange) == #"{"N":"1"}"# && tape[4].nameRange.isEmpty)
    #expect(slice(tape[5].contentRange) == "false" && slice(tape[6].contentRange) == "true")
    #expect(slice(tape[7].contentRange) == #""p","q""# && tape[7].type == .stringSet)
    #expect(slice(tape[8].valueRange) == #""p""# && slice(tape[9].contentRange) == "q" && tape[9].type == .string)
    #expect(tape.child(named: "a/b".utf8.span, bytes.span) == 1)
    #expect(tape.child(named: "k".utf8.span, bytes.span) == nil)
    #expect(tape.child(named: "e".utf8.span, of: 2, bytes.span) == 6)
  }

  /// What stands before a value is expected as it was written last time; blanks may still follow it.
  @Test(arguments: [#""BOOL":true"#, #""BOOL":false"#, #""NULL":true"#, #""SS":["x"]"#, #""L":[{"S":"x"}]"#, #""M":{"x":{"N":"1"}}"#])
  func expectsNoBlanksAndFindsSome(_ value: String) throws {
    var tape = ItemTape()
    let plain = "{\"a\":{\(value)},\"b\":{\"S\":\"x\"}}"
    for text in [plain, plain.replacing(":", with: ": \n"), plain, plain.replacing("{", with: "{ ").replacing("[", with: "[\t")] {
      let bytes = Array(text.utf8)
      #expect(try tape.read(bytes.span) == bytes.count)
      #expect(try Item(tape, bytes.span) == Item(wire: plain.utf8.span))
    }
  }

  @Test func numbersThePathsOfNames() throws {
    var tape = ItemTape()
    func paths(_ text: String) throws -> [UInt16] {
      let bytes = Array(text.utf8)
      _ = try tape.read(bytes.span)
      return (0..<tape.count).map { tape[$0].path }
    }
    let first = try paths(#"{"a":{"M":{"b":{"S":"x"},"a":{"L":[{"N":"1"},{"N":"2"}]}}},"b":{"S":"y"}}"#)
    #expect(Set(first).count == 6 && first[4] == first[5], "a list's elements have one number")
    // Other order, other types, a name with an escape.
    let second = try paths(#"{"b":{"N":"1"},"a":{"M":{"\u0061":{"L":[]},"b":{"NULL":true}}}}"#)
    #expect(second == [first[0], first[6], first[1], first[3], first[2]])
    let (numbering, other) = (tape.numbering, ItemTape().numbering)
    #expect(numbering != other)
    _ = try paths("{" + (0..<3_000).map { "\"n\($0)\":{\"N\":\"1\"}" }.joined(separator: ",") + "}")
    _ = try paths("{}")
    let afresh = tape.numbering
    #expect(afresh != numbering && afresh != other)
  }

  /// More names than the tape keeps between items, and far more in one item than it begins with.
  @Test func survivesMapsKeyedByData() throws {
    var tape = ItemTape()
    for round in 0..<40 {
      let names = (0..<(round % 7 == 0 ? 5_000 : 300)).map { "user-\(round)-\($0)" }
      var text = #"{"m":{"M":{"# + names.map { "\"\($0)\":{\"N\":\"1\"}" }.joined(separator: ",") + "}}}"
      var bytes = Array(text.utf8)
      #expect(try tape.read(bytes.span) == bytes.count)
      #expect(tape.count == names.count + 2)
      text.replace("user-\(round)-299\"", with: "user-\(round)-7\"")
      bytes = Array(text.utf8)
      #expect { _ = try tape.read(bytes.span) } throws: { ($0 as? DynamoDBModelError)?.code == .duplicateName }
    }
  }
}
