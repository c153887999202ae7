internal import DynamoDBClient

/// What the replicas that serve eventually consistent reads may still show: the tables as they were, for a bounded time.
///
/// Each request sees one moment, drawn from the seed between the bound and now. Consistent reads don't ask, and global secondary indexes
/// can only be read so.
struct ReplicaLag: Sendable {
  /// How far back a read may look, in milliseconds; 0: never.
  let longest: Int64
  private var generator: SeededGenerator
  /// The tables as they were until a write, oldest first. Copies cost nothing, only what is written later is written twice.
  private var versions: [(until: Int64, tables: TableList)] = []
  /// The moment that this request's eventually consistent reads see.
  private var moment: Int64 = .max

  init(longest: Int64, seed: UInt64) {
    self.longest = longest
    generator = SeededGenerator(seed: seed)
  }

  /// Draws what a request sees that is carried out now.
  mutating func begin(at now: Int64) {
    moment = now - Int64(generator.below(Int(longest) + 1))
    let gone = versions.firstIndex { $0.until >= now - longest } ?? versions.count
    versions.removeFirst(gone)
  }

  /// Remembers what was before the writes of a request.
  mutating func remember(_ tables: TableList, until now: Int64) { versions.append((now, tables)) }

  /// A table as this request sees it; nil: as it is.
  func table(_ name: String) -> SimulatedTable? {
    guard let tables = versions.first(where: { $0.until > moment })?.tables else { return nil }
    return tables.index(of: name).map { tables[$0] }
  }
}
