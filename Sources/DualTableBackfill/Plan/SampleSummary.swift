package import DualTableMapping
package import DynamoDBClient
package import DynamoDBModel

/// What a sample of OLD's items says of all of them: sizes, what becomes of them, and how they cluster. Holds no item data.
package struct SampleSummary: Sendable, Hashable {
  /// Items that can't be converted for one reason.
  package struct Failure: Sendable, Hashable {
    /// Without the item's data, as dead letters have it.
    package let reason: String
    package var count: Int
  }

  package private(set) var items = 0
  package private(set) var oldBytes = 0
  package private(set) var largestOldItem = 0
  package private(set) var newItems = 0
  package private(set) var newBytes = 0
  package private(set) var largestNewItem = 0
  /// Capacity units of all puts, those of NEW's indexes among them.
  package private(set) var writeUnits = 0
  package private(set) var filtered = 0
  /// The most frequent first.
  package private(set) var failures: [Failure] = []
  /// Items of OLD and of NEW in the largest item collection of the sample.
  package private(set) var largestOldCollection = 0
  package private(set) var largestNewCollection = 0
  /// Bytes of the sample in OLD's largest collection.
  package private(set) var largestOldCollectionBytes = 0

  package var failed: Int { failures.reduce(0) { $0 + $1.count } }

  /// Judges a sample.
  ///
  /// - Parameter indexes: NEW's, each of which takes a part of every put.
  package init(_ sample: [Item], mapping: any TableMapping, indexes: [TableDescription.Index] = []) {
    var reasons: [String: Int] = [:]
    var oldCollections: [AttributeValue: (items: Int, bytes: Int)] = [:]
    var newCollections: [AttributeValue: Int] = [:]
    for item in sample {
      items += 1
      let size = item.sizeInBytes
      oldBytes += size
      largestOldItem = max(largestOldItem, size)
      if let hash = item[mapping.oldSchema.hash.name] {
        let (items, bytes) = oldCollections[hash] ?? (0, 0)
        oldCollections[hash] = (items + 1, bytes + size)
      }
      do throws(ConversionError) {
        let results = try mapping.checkedConvert(item)
        if results.isEmpty { filtered += 1 }
        for result in results {
          add(result, indexes)
          if let hash = result[mapping.newSchema.hash.name] { newCollections[hash, default: 0] += 1 }
        }
      } catch {
        reasons[error.description, default: 0] += 1
      }
    }
    // By count, then by text: a set has no order of its own.
    failures = reasons.map { Failure(reason: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    let largest = oldCollections.values.max { ($0.items, $0.bytes) < ($1.items, $1.bytes) }
    (largestOldCollection, largestOldCollectionBytes) = (largest?.items ?? 0, largest?.bytes ?? 0)
    largestNewCollection = newCollections.values.max() ?? 0
  }

  private mutating func add(_ result: Item, _ indexes: [TableDescription.Index]) {
    let size = result.sizeInBytes
    newItems += 1
    newBytes += size
    largestNewItem = max(largestNewItem, size)
    writeUnits += Self.units(size)
    for index in indexes where index.keySchema.allSatisfy({ result[$0.attributeName] != nil }) {
      // What an index leaves out makes it cheaper; keys and a few attributes are a unit nearly always.
      writeUnits += index.projection?.projectionType == .all ? Self.units(size) : 1
    }
  }

  /// One write unit a begun KB.
  private static func units(_ bytes: Int) -> Int { max(1, (bytes + 1_023) / 1_024) }

  /// Of all sampled items, as shares from 0 to 1.
  package func share(_ count: Int) -> Double { items == 0 ? 0 : Double(count) / Double(items) }
}
