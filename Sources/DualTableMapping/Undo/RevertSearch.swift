import DynamoDBModel

/// Finds what an inverse must say under `revert`, so that its own inverse is the mapping again.
///
/// What the inverse of the inverse would have by itself is compared with the mapping: what it lacks is added, what it has too much is
/// overruled, until nothing differs.
struct RevertSearch {
  private let block: BlockForm
  private let inverse: BlockForm
  private let restored: [AttributePath]
  private let unread: [AttributePath]
  private let rules: [RuleForm]

  /// - Parameter inverse: the block of the inverse.
  init(of block: BlockForm, in form: MappingForm, inverse: BlockForm) {
    self.block = block
    self.inverse = inverse
    // To the inverse, NEW is what OLD is to the mapping.
    restored = form.new.keys.attributes.map { AttributePath($0.name) }
    let forth = block.rules.filter { $0.key != nil }
    unread = form.old.keys.attributes.map { AttributePath($0.name) }.filter { path in !forth.contains { $0.sourcePath == path } }
    rules = block.rules.filter { $0.key == nil }
  }

  /// `lost` and what else is needed; nil if nothing is.
  ///
  /// - Throws: where nothing makes it so, which takes a `revert` with paths that its own mapping doesn't know.
  func revert(from lost: RevertForm) throws(InversionFault) -> RevertForm? {
    var revert = lost
    if inverse.rest == .drop || inverse.rest != block.rest { revert.rest = block.rest }
    // Each round that goes on adds something, of which there is no more than the blocks have.
    for _ in 0...(rules.count + block.drop.count + inverse.rules.count + inverse.drop.count) {
      let size = revert.attributes.count + revert.drop.count
      let isWhole = grow(&revert)
      if revert.attributes.count + revert.drop.count > size { continue }
      guard isWhole else { break }
      revert.attributes.sort { $0.target < $1.target }
      revert.drop.sort()
      let isEmpty = revert.attributes.isEmpty && revert.drop.isEmpty && revert.rest == nil && revert.skipWhen == nil
      return isEmpty ? nil : revert
    }
    throw InversionFault(
      place: block.places.block,
      sentence: "`revert` moves or drops what its mapping doesn't write, so the way forth couldn't be told from it")
  }

  /// True if the inverse of the inverse does what the block does, and nothing stands against it.
  private func grow(_ revert: inout RevertForm) -> Bool {
    var back = BodyInversion(inverse, restored: restored, unread: unread, revert: revert)
    back.run()
    let found = Set(back.rules.map(\.identity))
    let wanted = Set(rules.map(\.identity))
    let stated = Set(revert.attributes.map(\.identity))
    let missing = rules.filter { !found.contains($0.identity) }
    revert.attributes += missing.filter { !stated.contains($0.identity) }
    let (foundDrop, wantedDrop) = (Set(back.drop), Set(block.drop))
    let undropped = block.drop.filter { !foundDrop.contains($0) }
    revert.drop += undropped.filter { !revert.drop.contains($0) }
    let strange =
      back.rules.filter { !wanted.contains($0.identity) && !stated.contains($0.identity) }.compactMap(\.sourcePath)
      + back.drop.filter { path in !wantedDrop.contains(path) && !revert.drop.contains(path) }
    for path in strange { leave(path, &revert) }
    // Only what the block's own rules don't settle, once they are all there, is left alone.
    if missing.isEmpty && undropped.isEmpty { for path in back.lost { leave(path, &revert) } }
    return missing.isEmpty && undropped.isEmpty && strange.isEmpty && back.faults.isEmpty
  }

  /// Says that what OLD has at `path` is left to the mapping's `rest`. Where that is `error` it is let pass, as nothing can say an error.
  private func leave(_ path: AttributePath, _ revert: inout RevertForm) {
    let path = path.withoutIndexes
    let isSpoken = rules.contains { $0.sourcePath?.overlaps(path) == true }
    if isSpoken || revert.attributes.contains(where: { $0.sourcePath?.overlaps(path) == true }) || revert.drop.contains(path) { return }
    let targets = restored + (rules + revert.attributes).map(\.target)
    if block.rest == .drop || targets.contains(where: { $0.isPrefix(of: path) }) {
      // Where the mapping writes, OLD can't have anything that `rest` keeps.
      revert.drop.append(path)
    } else if !targets.contains(where: { path.isPrefix(of: $0) }) {
      revert.attributes.append(RuleForm(writing: path, from: .path(path)))
    }
  }
}
