internal import DualTableMapping
internal import DynamoDBModel

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
    /// It is lost; with its old key.
    case missing(Item)
    /// Its old item can't be converted, so there is no telling what it should yield; with its old key.
    case unconvertible(Item, ConversionError)
    /// The mapping doesn't find the old key of an id that it yielded itself.
    case undecided
  }

  private enum State: Sendable {
    case first, old(Item), last(Item)
  }

  /// What the driver has to do now.
  private(set) var step: Step
  private let newKey: Item
  private let mapping: any TableMapping
  private var state = State.first

  init(newKey: Item, mapping: any TableMapping) {
    self.newKey = newKey
    self.mapping = mapping
    step = .readNew(newKey)
  }

  /// Takes the answer to the read that `step` asked for; nil where there is no item.
  mutating func answered(_ item: Item?) {
    switch state {
    case .first:
      guard item == nil else { return end(.present) }
      guard let oldKey = try? mapping.oldKey(for: newKey) else { return end(.undecided) }
      state = .old(oldKey)
      step = .readOld(oldKey)
    case .old(let oldKey):
      guard let item else { return end(.gone) }
      do {
        let yields = try mapping.checkedConvert(item).contains { mapping.newSchema.key(of: $0) == newKey }
        guard yields else { return end(.gone) }
      } catch {
        return end(.unconvertible(oldKey, error))
      }
      state = .last(oldKey)
      step = .readNew(newKey)
    case .last(let oldKey):
      end(item == nil ? .missing(oldKey) : .present)
    }
  }

  private mutating func end(_ verdict: Verdict) { step = .done(verdict) }
}
