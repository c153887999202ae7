import DynamoDBModel
import HTTPTransport

extension BlockPlan {
  /// Walks what is in the map or list at `parent`, notes what rules read, and cuts the rest into segments if `cuts`.
  ///
  /// A value that is left whole joins the run of its neighbors; one from which something is taken has its own segments up to a `leave`; one
  /// that is taken has none.
  func walk(
    _ parent: Int, _ node: Int, cuts: Bool, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionError) {
    let isMap = tape[parent].type == .map
    let end = tape[parent].end
    let keeps = cuts && form.rest == .keep
    var runStart: Int32 = -1
    var runEnd: Int32 = -1
    var place: Int32 = 0
    var index = parent + 1
    while index < end {
      let value = tape[index]
      let child = isMap ? tree.node(of: index, value, below: node, tape, bytes, &scratch.text) : tree.node(at: place, below: node)
      var isLoose = keeps
      if child >= 0 {
        let known = tree.nodes[child]
        if known.marks.contains(.reserved) { throw ConversionError(.reservedName, path: reserved) }
        if known.slot >= 0 { scratch[Int(known.slot)] = index }
        if cuts && known.marks.contains(.needsWork) {
          isLoose = false
          scratch.endRun(&runStart, runEnd)
          try cut(index, value, child, known, tape, bytes, &scratch)
        } else if known.marks.contains(.readBelow) {
          try walkRead(index, value, child, tape, bytes, &scratch)
        }
      } else if cuts && form.rest == .error {
        scratch.append(.init(start: Int32(truncatingIfNeeded: index), end: Int32(truncatingIfNeeded: node), kind: .unmapped))
      }
      if isLoose {
        if runStart < 0 {
          let start = isMap ? value.nameRange.lowerBound &- 1 : value.valueRange.lowerBound
          runStart = Int32(truncatingIfNeeded: start)
        }
        runEnd = Int32(truncatingIfNeeded: value.valueRange.upperBound)
      }
      place &+= 1
      index = value.end
    }
    scratch.endRun(&runStart, runEnd)
  }

  /// Cuts a value that isn't just copied with its neighbors.
  private func cut(
    _ index: Int, _ value: ItemTape.Node, _ node: Int, _ known: PathNode, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch
  ) throws(ConversionError) {
    let stays = known.marks.contains(.stays)
    if known.marks.contains(.taken) && !stays { return try walkRead(index, value, node, tape, bytes, &scratch) }
    let isChanged =
      switch value.type {
      case .map: !known.marks.isDisjoint(with: [.takenBelow, .staysBelow, .writtenBelow])
      case .list: !known.marks.isDisjoint(with: [.takenBelow, .staysBelow])
      default: false
      }
    let isEntered = isChanged && !stays && value.end > index + 1
    scratch.append(
      .init(start: Int32(truncatingIfNeeded: index), end: Int32(truncatingIfNeeded: node), kind: isEntered ? .enter : .value))
    guard isEntered else { return try walkRead(index, value, node, tape, bytes, &scratch) }
    try walk(index, node, cuts: true, tape, bytes, &scratch)
    scratch.append(.init(start: 0, end: 0, kind: .leave))
  }

  /// Notes what rules read below a value, and no more.
  private func walkRead(
    _ index: Int, _ value: ItemTape.Node, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch
  ) throws(ConversionError) {
    guard tree.nodes[node].marks.contains(.readBelow), value.type == .map || value.type == .list else { return }
    try walk(index, node, cuts: false, tape, bytes, &scratch)
  }
}
