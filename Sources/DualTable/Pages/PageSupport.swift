internal import DualTableMapping
internal import DynamoDBModel
internal import Synchronization

/// What queries and scans of one repository keep between requests, none of it about items.
internal final class PageSupport: Sendable {
  internal let catalog = IndexCatalog()
  /// The mapping cut down to NEW's keys, where that is cheaper than whole items and asks less of them.
  private let keysOnly: CompiledMapping?
  private let mapping: any TableMapping
  private let seeded = Atomic(0)
  private let bound = Atomic(10 << 20)

  internal init(_ mapping: any TableMapping) {
    self.mapping = mapping
    keysOnly = (mapping as? CompiledMapping)?.keysOnly.mapping
  }

  /// What is broken on purpose.
  internal var defects: ReadDefects {
    get { ReadDefects(rawValue: seeded.load(ordering: .relaxed)) }
    set { seeded.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// Bytes of items of OLD's that are sorted for one query, at most.
  internal var mostSorted: Int {
    get { bound.load(ordering: .relaxed) }
    set { bound.store(newValue, ordering: .relaxed) }
  }

  /// The keys at which an item of OLD's yields items, and as much of those as is known without converting what needn't be.
  ///
  /// - Throws: `unconvertible` where not even the keys can be told: no one can say then what NEW has in the item's place.
  internal func results(of item: Item) throws(DualTableError) -> [ReadResult] {
    do throws(ConversionError) {
      if let keysOnly {
        return try keysOnly.convert(item).compactMap { key in mapping.newSchema.key(of: key).map { ReadResult(key: $0, value: .old(item)) }
        }
      }
      return try mapping.checkedConvert(item).compactMap { result in
        mapping.newSchema.key(of: result).map { ReadResult(key: $0, value: .item(result)) }
      }
    } catch {
      throw .unconvertible(error)
    }
  }

  /// The item with this key that an item of OLD's yields.
  internal func convert(_ item: Item, _ key: Item) throws(DualTableError) -> Item? {
    do throws(ConversionError) {
      return try mapping.convert(item).first { mapping.newSchema.key(of: $0) == key }
    } catch {
      throw .unconvertible(error)
    }
  }
}

extension DualTableRepository {
  /// Breaks queries and scans on purpose, for the tests that must see it.
  package func seed(_ defects: ReadDefects) { pages.defects = defects }

  /// Sets how many bytes of OLD's items are sorted for one query, for tests that needn't have so many.
  package func sort(upTo bytes: Int) { pages.mostSorted = bytes }
}
