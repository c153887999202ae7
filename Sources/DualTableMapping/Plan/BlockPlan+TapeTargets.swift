import DynamoDBModel
import HTTPTransport

extension BlockPlan {
  /// Appends the targets below `node` that have not joined a map that remains; where they lie is noted in the scratch's places if `notes`.
  func appendTargets(
    below node: Int, notes: Bool = false, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    for child in tree.nodes[node].writtenChildren where !scratch.hasJoined(child) {
      let rule = Int(tree.nodes[child].rule)
      let opening = tree.nodes[child].opening
      let mark = out.count
      if rule >= 0 {
        try appendTarget(rule, opening, tape, bytes, &scratch, &out)
      } else {
        tree.appendOpening(opening, to: &out)
        let inside = out.count
        try appendTargets(below: child, tape, bytes, &scratch, &out)
        if out.count == inside { out.truncate(to: mark) } else { out.append("}}") }
      }
      if notes && out.count > mark { scratch.notePlace(from: mark, nameCount: Int(tree.nodes[child].writtenNameCount), out) }
    }
  }

  /// Appends a rule's target; nothing if it is absent.
  @inline(__always)
  private func appendTarget(
    _ rule: Int, _ opening: ByteRange, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let slot = Int(codes[rule].index)
    switch codes[rule].kind {
    case .constant:
      tree.appendOpening(opening, to: &out)
    case .copy:
      let index = scratch[slot]
      if index < 0 { return }
      tree.appendOpening(opening, to: &out)
      try appendCopy(rule, index, tape, bytes, &out)
    case .conversion(let conversion, let type):
      let index = scratch[slot]
      if index < 0 { return }
      tree.appendOpening(opening, to: &out)
      try appendConverted(rule, index, conversion, of: type, tape, bytes, &scratch, &out)
    case .lookup(let table):
      let index = scratch[slot]
      if index < 0 { return }
      guard let constant = constant(for: index, Int(table), tape, bytes, &scratch) else { fallthrough }
      tree.appendOpening(opening, to: &out)
      wire.append(constant, to: &out)
    case .any:
      let mark = out.count
      tree.appendOpening(opening, to: &out)
      if try !appendValue(of: rule, tape, bytes, &scratch, &out) { out.truncate(to: mark) }
    }
  }
}
