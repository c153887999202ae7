internal import DualTableMapping
internal import DynamoDBModel
internal import HTTPTransport

/// Finds out what a suspect really is, by consistent reads that somebody else performs: a pure state machine.
///
/// A scan is no snapshot: what was read early may have changed, moved or come since. So a suspect is looked for in the new table again;
/// if it isn't there, the old table is asked whether it still yields this id at all; and if it does, the new table has the last word,
/// since a backfill or a writer may have put the item there between the two reads. What is missing then was missing twice, with the old
/// item seen in between.
struct Recheck: Sendable {
  /// What is to be read next, consistently.
  enum Step: Sendable, Equatable {
    case readNew(Item)
    case readOld(Item)
    case done(Verdict)
  }

  /// What a suspect turned out to be.
  enum Verdict: Sendable, Equatable {
    /// It is in the new table, live or as a tombstone.
    case present
    /// The old table doesn't yield it anymore.
    case gone
    /// It is lost: its old key, and the item that should be there.
    case missing(Item, lost: Item)
    /// Its old item can't be converted, so there is no telling what it should yield; with its old key.
    case unconvertible(Item, ConversionError)
    /// It is another item than the old one yields, and was written since; with its old key.
    case superseded(Item)
    /// It is another item than the old one yields, and nothing shows that it was written since.
    case differing(Item, expected: Item, found: Item)
    /// The mapping doesn't find the old key of an id that it yielded itself, or it couldn't be read.
    case undecided
  }

  /// What suspects are judged by.
  struct Rules: Sendable {
    let mapping: any TableMapping
    let digester: IDDigester
    /// True if an item's content counts, not only that it is there.
    let comparesContent: Bool
    /// The root attribute of a new item that each write of the service's changes; nil: there is none.
    let writtenAttribute: String?
  }

  private enum State: Sendable {
    case first, old(Item), last(Item, lost: Item), content(Item, found: Item)
  }

  /// What the driver has to do now.
  private(set) var step: Step
  private let suspect: Suspect
  private let rules: Rules
  private var state = State.first

  init(_ suspect: Suspect, _ rules: Rules) {
    self.suspect = suspect
    self.rules = rules
    step = .readNew(suspect.newKey)
  }

  /// The suspect's old key, as the mapping finds it.
  var oldKey: Item? { (try? rules.mapping.oldKey(for: suspect.newKey)) ?? nil }
  var newKey: Item { suspect.newKey }

  /// Takes the answer to the read that `step` asked for; nil where there is no item.
  mutating func answered(_ item: Item?) {
    switch state {
    case .first: answeredFirst(item)
    case .old(let oldKey):
      guard let lost = result(of: item, oldKey) else { return }
      state = .last(oldKey, lost: lost)
      step = .readNew(suspect.newKey)
    case .last(let oldKey, let lost): end(item == nil ? .missing(oldKey, lost: lost) : .present)
    case .content(let oldKey, let found):
      guard let expected = result(of: item, oldKey) else { return }
      end(verdict(expected: expected, found: found, oldKey))
    }
  }

  private mutating func answeredFirst(_ item: Item?) {
    let isLive = item.map { $0[rules.mapping.reservedAttribute] == nil }
    if isLive == false || isLive == true && !rules.comparesContent { return end(.present) }
    if let item, let expected = suspect.expected, content(of: item) == expected { return end(.present) }
    guard let oldKey else { return end(.undecided) }
    state = item.map { .content(oldKey, found: $0) } ?? .old(oldKey)
    step = .readOld(oldKey)
  }

  /// What the old item yields under the suspect's key; nil where that ends the matter.
  private mutating func result(of oldItem: Item?, _ oldKey: Item) -> Item? {
    guard let oldItem else {
      end(.gone)
      return nil
    }
    do throws(ConversionError) {
      let results = try rules.mapping.checkedConvert(oldItem)
      let found = results.first { rules.mapping.newSchema.key(of: $0) == suspect.newKey }
      if found == nil { end(.gone) }
      return found
    } catch {
      end(.unconvertible(oldKey, error))
      return nil
    }
  }

  /// Judges a live item against the one that the old item yields.
  ///
  /// A backfill only ever puts where nothing is. So an item that the scan saw with another content was written since by the service; and
  /// so was one whose attribute for it says so. Nothing else tells a write of the service's from a bad copy.
  private func verdict(expected: Item, found: Item, _ oldKey: Item) -> Verdict {
    if expected == found { return .present }
    if suspect.seen != .tombstone && suspect.seen != content(of: found) { return .superseded(oldKey) }
    if let name = rules.writtenAttribute, expected[name] != found[name] { return .superseded(oldKey) }
    return .differing(oldKey, expected: expected, found: found)
  }

  private func content(of item: Item) -> ContentDigest {
    var canonical = ByteBuffer(capacity: 1_024)
    item.appendCanonical(to: &canonical)
    return rules.digester.content(canonical.span)
  }

  private mutating func end(_ verdict: Verdict) { step = .done(verdict) }
}
