import DynamoDBModel
import HTTPTransport

extension BlockPlan {
  /// Fills the template of rule number `rule` into the scratch's `text`; false if a hole has nothing to go into it.
  func fillTemplate(
    _ rule: Int, _ code: RuleCode, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionError) -> Bool {
    let template = Int(code.index)
    scratch.text.removeAll()
    scratch.holeEnds.removeAll()
    for place in templates.pieces(template) {
      let piece = templates.piece(place)
      templates.appendLiteral(piece, to: &scratch.text)
      guard piece.slot >= 0 else { break }
      let index = scratch[Int(piece.slot)]
      if index < 0 { return false }
      switch tape[index].type {
      case .string: tape.appendContent(of: index, bytes, to: &scratch.text)
      case .number: tape.appendCanonicalNumber(of: index, bytes, to: &scratch.text)
      default: throw failure(.wrongType, rule: rule, slot: Int(piece.slot), found: tape[index].type)
      }
      scratch.holeEnds.append(Int32(scratch.text.count))
    }
    if !templates.isAlwaysUnambiguous(template), !code.isLossy,
      !templates.isUnambiguous(template, in: scratch.text.span, scratch.holeEnds)
    {
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
