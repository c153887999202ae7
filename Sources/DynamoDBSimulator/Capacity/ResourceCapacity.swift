/// What one table or index has left.
struct ResourceCapacity: Sendable {
  private var given: GivenCapacity
  /// By `given`: provisioned units with their burst, or the maximum that was set for on-demand ones; nil: no such limit.
  private var read: UnitBucket?
  private var write: UnitBucket?
  private var onDemandRead: OnDemandCapacity
  private var onDemandWrite: OnDemandCapacity
  private var partitions: [Partition] = []

  var partitionCount: Int { partitions.count }

  /// Made for throughput alone, at most: ten million write units a second, of whatever a request asks for.
  private static let mostPartitions = 10_000.0

  init(_ given: GivenCapacity, _ settings: CapacityModel.Settings, at now: Int64) {
    self.given = given
    onDemandRead = OnDemandCapacity(
      rate: max(settings.onDemandRead, given.warmRead), account: settings.accountRead, settings.doublingMilliseconds, at: now)
    onDemandWrite = OnDemandCapacity(
      rate: max(settings.onDemandWrite, given.warmWrite), account: settings.accountWrite, settings.doublingMilliseconds, at: now)
    makeBuckets(settings, at: now)
    grow(settings, at: now)
  }

  /// The limit that a charge would exceed; nil if it may be taken. Time passes first: buckets fill, and partitions split.
  mutating func limit(
    on charge: CapacityCharge, given: GivenCapacity, _ settings: CapacityModel.Settings, at now: Int64
  ) -> ThrottlingLimit? {
    if given.mode != self.given.mode || given.warmRead != self.given.warmRead || given.warmWrite != self.given.warmWrite {
      change(to: given, settings, at: now)
    }
    if onDemandRead.grow(at: now) || onDemandWrite.grow(at: now) { grow(settings, at: now) }
    while given.size / partitions.count > settings.partitionBytes { split(by: 2, settings, at: now) }
    let isRead = charge.access == .read
    if isRead ? read?.hasUnits(at: now) == false : write?.hasUnits(at: now) == false {
      return given.isOnDemand ? .maximumOnDemand : .provisioned
    }
    if given.isOnDemand {
      switch isRead ? onDemandRead.limit(at: now) : onDemandWrite.limit(at: now) {
      case .some(let limit): return limit
      case nil: break
      }
    }
    let index = partition(of: charge.hash)
    let hasUnits = isRead ? partitions[index].read.hasUnits(at: now) : partitions[index].write.hasUnits(at: now)
    guard !hasUnits else { return nil }
    if partitions[index].refused(at: now, settings) { split(index, settings, at: now) }
    return .keyRange
  }

  /// Takes a charge that `limit` found nothing against at this very moment.
  mutating func take(_ charge: CapacityCharge) {
    let index = partition(of: charge.hash)
    switch charge.access {
    case .read:
      read?.take(charge.units)
      onDemandRead.take(charge.units)
      partitions[index].read.take(charge.units)
    case .write:
      write?.take(charge.units)
      onDemandWrite.take(charge.units)
      partitions[index].write.take(charge.units)
    }
  }

  private mutating func change(to given: GivenCapacity, _ settings: CapacityModel.Settings, at now: Int64) {
    self.given = given
    onDemandRead.warm(to: given.warmRead)
    onDemandWrite.warm(to: given.warmWrite)
    makeBuckets(settings, at: now)
    grow(settings, at: now)
  }

  private mutating func makeBuckets(_ settings: CapacityModel.Settings, at now: Int64) {
    switch given.mode {
    case .provisioned(let readRate, let writeRate):
      read = UnitBucket(rate: readRate, seconds: settings.burstSeconds, at: now)
      write = UnitBucket(rate: writeRate, seconds: settings.burstSeconds, at: now)
    case .onDemand(let maximumRead, let maximumWrite):
      read = maximumRead.map { UnitBucket(rate: $0, seconds: 1, at: now) }
      write = maximumWrite.map { UnitBucket(rate: $0, seconds: 1, at: now) }
    }
  }

  /// Sees to it that there are as many partitions as the throughput needs; they never get fewer.
  private mutating func grow(_ settings: CapacityModel.Settings, at now: Int64) {
    var (read, write) = (given.warmRead, given.warmWrite)
    switch given.mode {
    case .provisioned(let readRate, let writeRate): (read, write) = (max(read, readRate), max(write, writeRate))
    case .onDemand: (read, write) = (onDemandRead.rate, onDemandWrite.rate)
    }
    let needed = Int(min(max(1, read / settings.partitionRead, write / settings.partitionWrite).rounded(.up), Self.mostPartitions))
    if partitions.isEmpty {
      partitions = (0..<needed).map { Partition(first: Self.bound($0, of: needed), settings, at: now) }
    } else if needed > partitions.count {
      split(by: (needed + partitions.count - 1) / partitions.count, settings, at: now)
    }
  }

  /// Splits every partition into so many.
  private mutating func split(by parts: Int, _ settings: CapacityModel.Settings, at now: Int64) {
    for index in partitions.indices.reversed() {
      let width = width(of: index)
      let new = (1..<UInt64(parts)).map { Partition(first: partitions[index].first + width / UInt64(parts) * $0, settings, at: now) }
      partitions.insert(contentsOf: new, at: index + 1)
    }
  }

  /// Splits one partition in its middle; a single hot key stays together, and as hot as it was.
  private mutating func split(_ index: Int, _ settings: CapacityModel.Settings, at now: Int64) {
    let width = width(of: index)
    guard width > 1 else { return }
    partitions[index].hotSince = nil
    partitions.insert(Partition(first: partitions[index].first + width / 2, settings, at: now), at: index + 1)
  }

  /// How many hashes a partition covers, less one.
  private func width(of index: Int) -> UInt64 {
    (index + 1 < partitions.count ? partitions[index + 1].first - 1 : .max) - partitions[index].first
  }

  private func partition(of hash: UInt64) -> Int {
    var (low, high) = (0, partitions.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if partitions[middle].first <= hash { low = middle } else { high = middle }
    }
    return low
  }

  private static func bound(_ part: Int, of total: Int) -> UInt64 {
    part == 0 ? 0 : UInt64(total).dividingFullWidth((UInt64(part), 0)).quotient
  }
}
