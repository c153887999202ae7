import DynamoDBModel

/// A block's `attributes`, `drop` and `rest`, the other way round.
///
/// Each value that the block moves is moved back by one rule; what other rules made of it is thrown away, and so are constants and templates.
/// What isn't restored so is a fault, unless `revert` says how it is.
struct BodyInversion {
  private let block: BlockForm
  /// OLD's paths that come out of NEW's key.
  private let restored: [AttributePath]
  private let revert: RevertForm

  /// By target.
  private(set) var rules: [RuleForm] = []
  private(set) var drop: [AttributePath] = []
  private(set) var rest: BlockForm.Rest
  private(set) var faults: [InversionFault] = []
  /// NEW's paths that the faults are about.
  private(set) var lost: [AttributePath] = []
  /// NEW's paths that have no place in OLD.
  private var thrown: [AttributePath]

  /// - Parameter unread: attributes of NEW's key that the rules of OLD's key leave lying.
  init(_ block: BlockForm, restored: [AttributePath], unread: [AttributePath] = [], revert: RevertForm) {
    self.block = block
    self.restored = restored
    self.revert = revert
    rest = revert.rest ?? block.rest
    thrown = unread
  }

  mutating func run() {
    let chosen = choose()
    for (path, place) in zip(block.drop, block.places.drop) where !isRestored(path, by: chosen) && !isReverted(path, path) {
      lose(path, InversionFault(place: place, sentence: "what is dropped doesn't come back"))
    }
    if block.rest == .drop && revert.rest == nil {
      faults.append(InversionFault(place: block.places.rest, sentence: "what `rest: drop` leaves out doesn't come back"))
    }
    rules = (chosen.filter { !isReplaced($0) } + revert.attributes).sorted { $0.target < $1.target }
    let kept = revert.attributes.compactMap(\.sourcePath)
    let all = Set(thrown.filter { path in !kept.contains { $0.overlaps(path) } } + revert.drop).sorted()
    drop = all.filter { path in !all.contains { $0 != path && $0.isPrefix(of: path) } || revert.drop.contains(path) }
  }

  /// A rule that could bring back what was at `path`, or why it can't.
  private struct Candidate {
    let path: AttributePath
    let target: AttributePath
    let rule: RuleForm?
    let fault: InversionFault?

    /// Of several, the one that changes least comes first.
    var rank: Int { rule.map { $0.isInPlace ? 0 : $0.steps.isEmpty ? 1 : 2 } ?? 3 }
  }

  /// One rule for each of OLD's values, outer ones first.
  private mutating func choose() -> [RuleForm] {
    var candidates: [Candidate] = []
    let rules = block.rules.filter { $0.key == nil }
    for rule in rules {
      guard let path = rule.sourcePath else {
        thrown.append(rule.target)
        continue
      }
      do throws(InversionFault) {
        if rule.takenHole != nil, let template = rules.template(of: path) {
          candidates.append(Candidate(path: path, target: rule.target, rule: RuleForm(writing: path, from: template), fault: nil))
        } else {
          candidates.append(Candidate(path: path, target: rule.target, rule: try rule.inverse(from: path), fault: nil))
        }
      } catch {
        candidates.append(Candidate(path: path, target: rule.target, rule: nil, fault: error))
      }
    }
    candidates.sort { ($0.path, $0.rank, $0.target) < ($1.path, $1.rank, $1.target) }
    var chosen: [RuleForm] = []
    for candidate in candidates {
      let isKnown = isRestored(candidate.path, by: chosen)
      if !isKnown, let rule = candidate.rule {
        chosen.append(rule)
        // What a template puts together is only read.
        if case .template = rule.source { thrown.append(candidate.target) }
        continue
      }
      thrown.append(candidate.target)
      if !isKnown, let fault = candidate.fault, !isReverted(candidate.path, candidate.target) { lose(candidate.target, fault) }
    }
    return chosen
  }

  private mutating func lose(_ path: AttributePath, _ fault: InversionFault) {
    lost.append(path)
    faults.append(fault)
  }

  private func isRestored(_ path: AttributePath, by rules: [RuleForm]) -> Bool {
    restored.contains { $0.isPrefix(of: path) } || rules.contains { $0.target.isPrefix(of: path) }
  }

  /// True if `revert` writes what was at `old`, or has something to do with what became of it, at `new`.
  private func isReverted(_ old: AttributePath, _ new: AttributePath) -> Bool {
    revert.attributes.contains { $0.target.overlaps(old) || $0.sourcePath?.overlaps(new) == true }
      || revert.drop.contains { $0.isPrefix(of: new) }
  }

  /// True if `revert` has something else to do with what the rule reads or writes.
  private func isReplaced(_ rule: RuleForm) -> Bool {
    if revert.attributes.contains(where: { $0.target.overlaps(rule.target) }) { return true }
    guard let path = rule.sourcePath else { return false }
    return revert.drop.contains { $0.isPrefix(of: path) } || revert.attributes.contains { $0.sourcePath?.overlaps(path) == true }
  }
}
