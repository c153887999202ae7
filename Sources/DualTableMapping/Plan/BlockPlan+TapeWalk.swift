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
    // The run that isn't ended yet: its first and its last node.
    var first = -1
    var last = -1
    var place: Int32 = 0
    var index = parent + 1
    while index < end {
      let value = tape[index]
      let child = isMap ? self.child(index, value.path, below: node, tape, bytes, &scratch) : tree.node(at: place, below: node)
      var isLoose = keeps
      if child >= 0 {
        let marks = tree.nodes[child].marks
        let slot = tree.nodes[child].slot
        if slot >= 0 { scratch[Int(slot)] = index }
        if marks.contains(.gone) {
          isLoose = false
          if cuts { endRun(&first, last, &scratch) }
        } else if !marks.isDisjoint(with: .anyWork) {
          if marks.contains(.reserved) { throw ConversionError(.reservedName, path: reserved) }
          if cuts && marks.contains(.needsWork) {
            isLoose = false
            endRun(&first, last, &scratch)
            try cut(index, child, tape, bytes, &scratch)
          } else if marks.contains(.readBelow) {
            try walkRead(index, child, tape, bytes, &scratch)
          }
        }
      } else if cuts && form.rest == .error {
        scratch.appendUnmapped(index, node)
      }
      if isLoose {
        if first < 0 { first = index }
        last = index
      }
      place &+= 1
      index = value.end
    }
    endRun(&first, last, &scratch)
  }

  /// The tree's node for the value at `index`, -1 if there is none: by the number of its path, which costs a tenth of a look-up by name.
  @inline(__always)
  private func child(
    _ index: Int, _ path: UInt16, below node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) -> Int {
    let child = scratch.child(path)
    if child != ConversionScratch.unknown { return Int(child) }
    return learnChild(index, path, below: node, tape, bytes, &scratch)
  }

  @inline(never)
  private func learnChild(
    _ index: Int, _ path: UInt16, below node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) -> Int {
    let child = tree.node(of: index, tape[index], below: node, tape, bytes, &scratch.text)
    scratch.learn(child, for: path)
    return child
  }

  @inline(__always)
  private func endRun(_ first: inout Int, _ last: Int, _ scratch: inout ConversionScratch) {
    guard first >= 0 else { return }
    scratch.append(.run, first, last)
    first = -1
  }

  /// Cuts a value that isn't just copied with its neighbors.
  private func cut(
    _ index: Int, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionError) {
    let marks = tree.nodes[node].marks
    let stays = marks.contains(.stays)
    if marks.contains(.taken) && !stays { return try walkRead(index, node, tape, bytes, &scratch) }
    let isChanged =
      switch tape[index].type {
      case .map: !marks.isDisjoint(with: [.takenBelow, .staysBelow, .writtenBelow])
      case .list: !marks.isDisjoint(with: [.takenBelow, .staysBelow])
      default: false
      }
    let isEntered = isChanged && !stays && tape[index].end > index + 1
    scratch.append(isEntered ? .enter : .value, index, node)
    guard isEntered else { return try walkRead(index, node, tape, bytes, &scratch) }
    try walk(index, node, cuts: true, tape, bytes, &scratch)
    scratch.append(.leave, 0, 0)
  }

  /// Notes what rules read below a value, and no more.
  private func walkRead(
    _ index: Int, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionError) {
    guard tree.nodes[node].marks.contains(.readBelow), tape[index].type == .map || tape[index].type == .list else { return }
    try walk(index, node, cuts: false, tape, bytes, &scratch)
  }
}
