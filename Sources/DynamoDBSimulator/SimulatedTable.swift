internal import DynamoDBModel
internal import HTTPTransport

/// The items of one simulated table, in the order in which the service seems to scan: by a hash of the partition key, then by sort key.
///
/// Segments are ranges of the hash, so they nest when their number doubles. Items lie in 4,096 buckets by the hash's first bits, each in
/// order, so that adding one moves few others.
struct SimulatedTable: Sendable {
  /// Where an item stands in the scan order.
  struct Place: Sendable, Comparable {
    let hash: UInt64
    let partition: AttributeValue
    let sort: AttributeValue?

    static func == (left: Self, right: Self) -> Bool {
      left.hash == right.hash && left.partition == right.partition && left.sort == right.sort
    }

    static func < (left: Self, right: Self) -> Bool {
      if left.hash != right.hash { return left.hash < right.hash }
      if left.partition != right.partition { return left.partition.precedes(right.partition) }
      guard let sort = left.sort, let other = right.sort else { return false }
      return sort.precedes(other)
    }
  }

  let name: String
  let schema: KeySchema
  /// The answer's `Table` object, as CreateTable's caller asked for it.
  let description: CreateTableShape
  private var buckets: [[(place: Place, item: Item)]] = Array(repeating: [], count: 4_096)
  private(set) var count = 0

  init(name: String, schema: KeySchema, description: CreateTableShape) {
    self.name = name
    self.schema = schema
    self.description = description
  }

  /// Where the item with this key stands, or would.
  func place(of key: Item) -> Place? {
    guard let partition = key[schema.hash.name] else { return nil }
    return Place(hash: Self.hash(of: partition), partition: partition, sort: schema.range.flatMap { key[$0.name] })
  }

  subscript(place: Place) -> Item? {
    get {
      let (bucket, index, isThere) = find(place)
      return isThere ? buckets[bucket][index].item : nil
    }
    set {
      let (bucket, index, isThere) = find(place)
      switch (newValue, isThere) {
      case (let item?, true): buckets[bucket][index].item = item
      case (let item?, false):
        buckets[bucket].insert((place, item), at: index)
        count += 1
      case (nil, true):
        buckets[bucket].remove(at: index)
        count -= 1
      case (nil, false): break
      }
    }
  }

  /// Hands the items of a segment to `body` in order until it says to stop.
  ///
  /// - Parameter start: the place behind which to begin; nil: at the segment's start.
  func scan(segment: Int, of total: Int, after start: Place?, _ body: (Place, Item) -> Bool) {
    let (first, last) = Self.range(segment, of: total)
    let from = start.map { max($0.hash, first) } ?? first
    guard from <= last else { return }
    for bucket in Self.bucket(from)...Self.bucket(last) {
      for (place, item) in buckets[bucket] where place.hash >= from && place.hash <= last {
        if let start, place <= start { continue }
        if !body(place, item) { return }
      }
    }
  }

  private static func range(_ segment: Int, of total: Int) -> (first: UInt64, last: UInt64) {
    func bound(_ segment: Int) -> UInt64 { UInt64(total).dividingFullWidth((UInt64(segment), 0)).quotient }
    return (segment == 0 ? 0 : bound(segment), segment == total - 1 ? .max : bound(segment + 1) - 1)
  }

  private static func bucket(_ hash: UInt64) -> Int { Int(hash >> 52) }

  private func find(_ place: Place) -> (bucket: Int, index: Int, isThere: Bool) {
    let bucket = Self.bucket(place.hash)
    var low = 0
    var high = buckets[bucket].count
    while low < high {
      let middle = (low + high) / 2
      if buckets[bucket][middle].place < place { low = middle + 1 } else { high = middle }
    }
    return (bucket, low, low < buckets[bucket].count && buckets[bucket][low].place == place)
  }

  /// FNV-1a over the canonical form, its bits mixed; the service's own hash isn't documented.
  private static func hash(of partition: AttributeValue) -> UInt64 {
    var bytes = ByteBuffer(capacity: 64)
    partition.appendCanonical(to: &bytes)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in 0..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ (hash >> 33)
  }
}

extension AttributeValue {
  /// The order of sort keys: numbers by value, strings by UTF-8 bytes, binaries by unsigned bytes.
  fileprivate func precedes(_ other: AttributeValue) -> Bool {
    switch (self, other) {
    case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.number(let left), .number(let right)): left < right
    case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right)
    default: false
    }
  }
}
