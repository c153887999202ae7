import DynamoDBModel
import HTTPTransport

extension BlockPlan {
  /// Fills the template of rule number `rule` into the scratch's `text`; false if a hole has nothing to go into it.
  func fillTemplate(
    _ rule: Int, _ code: RuleCode, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionError) -> Bool {
    let template = templates[Int(code.index)]
    scratch.text.removeAll()
    scratch.holeEnds.removeAll()
    for piece in template.pieces {
      scratch.text.append(piece.literal.span)
      guard piece.slot >= 0 else { break }
      let index = scratch[piece.slot]
      if index < 0 { return false }
      switch tape[index].type {
      case .string: tape.appendContent(of: index, bytes, to: &scratch.text)
      case .number: tape.appendCanonicalNumber(of: index, bytes, to: &scratch.text)
      default: throw failure(.wrongType, rule: rule, slot: piece.slot, found: tape[index].type)
      }
      scratch.holeEnds.append(Int32(scratch.text.count))
    }
    if !template.isAlwaysUnambiguous && !code.isLossy && !template.isUnambiguous(in: scratch.text.span, scratch.holeEnds) {
      throw failure(.notReversible, rule: rule)
    }
    return true
  }

  /// Whether a condition holds for the item on the tape.
  func holds(_ condition: Condition<Int>, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: borrowing ConversionScratch) -> Bool
  {
    switch condition {
    case .all(let conditions):
      for condition in conditions where !holds(condition, tape, bytes, scratch) { return false }
      return true
    case .any(let conditions):
      for condition in conditions where holds(condition, tape, bytes, scratch) { return true }
      return false
    case .not(let condition): return !holds(condition, tape, bytes, scratch)
    case .equals(let slot, let wanted):
      let index = scratch[slot]
      if index < 0 || tape[index].type != wanted.type { return false }
      // Text is what flags and kinds are; it is compared where it lies.
      if case .string(let text) = wanted, !tape[index].contentEscaped {
        return UTF8Text.equal(text.utf8.span, bytes.extracting(tape[index].contentRange))
      }
      return condition.holds(for: AttributeValue(tape, bytes, at: index))
    case .exists(let slot): return scratch[slot] >= 0
    case .isType(let slot, let type): return scratch[slot] >= 0 && tape[scratch[slot]].type == type
    case .isIn(let slot, _), .less(let slot, _), .greater(let slot, _), .matches(let slot, _):
      return scratch[slot] >= 0 && condition.holds(for: AttributeValue(tape, bytes, at: scratch[slot]))
    }
  }
}

extension TemplateCode {
  /// True if parsing the filled template gives the holes' texts again, of which `ends` says where they end.
  ///
  /// A hole is read up to where the text behind it first stands; what closes the template is sought from its end and can't be mistaken.
  func isUnambiguous(in text: Span<UInt8>, _ ends: borrowing Slab<Int32>) -> Bool {
    var start = 0
    for index in 0..<pieces.count - 1 {
      start += pieces[index].literal.count
      let end = Int(ends[index])
      if pieces[index + 1].slot >= 0, text.firstPlace(of: pieces[index + 1].literal, from: start) != end { return false }
      start = end
    }
    return true
  }

  /// Where hole number `hole` lies in `text`; nil if `text` doesn't fit the template.
  func range(ofHole hole: Int, in text: Span<UInt8>) -> Range<Int>? {
    var found: Range<Int>?
    var start = 0
    var isHoleOpen = false
    for (index, piece) in pieces.enumerated() {
      let place: Int?
      if !isHoleOpen {
        place = text.holds(piece.literal, at: start) ? start : nil
      } else if piece.slot < 0 {
        let last = text.count - piece.literal.count
        place = last >= start && text.holds(piece.literal, at: last) ? last : nil
      } else {
        place = text.firstPlace(of: piece.literal, from: start)
      }
      guard let place else { return nil }
      if isHoleOpen && index - 1 == hole { found = start..<place }
      start = place + piece.literal.count
      isHoleOpen = piece.slot >= 0
    }
    if isHoleOpen { return pieces.count - 1 == hole ? start..<text.count : found }
    return start == text.count ? found : nil
  }
}

extension Span<UInt8> {
  /// Where `literal` first stands at or behind `start`; nil if it doesn't.
  fileprivate func firstPlace(of literal: [UInt8], from start: Int) -> Int? {
    let wanted = literal.span
    var place = start
    while place + wanted.count <= count {
      if self[place] == wanted[0] && UTF8Text.equal(extracting(place..<place + wanted.count), wanted) { return place }
      place += 1
    }
    return nil
  }

  /// True if `literal` stands at `start`.
  fileprivate func holds(_ literal: [UInt8], at start: Int) -> Bool {
    count - start >= literal.count && UTF8Text.equal(extracting(start..<start + literal.count), literal.span)
  }
}
