import DynamoDBModel
import Testing

@testable import DynamoDBSimulator

@Suite("The capacity model")
struct CapacityModelTests {
  /// A model of one table with its time, to put requests to.
  private struct Scene {
    var model: CapacityModel
    var given: GivenCapacity
    var now: Int64 = 0
    var index: GivenCapacity?

    init(_ mode: GivenCapacity.Mode, settings: CapacityModel.Settings = .init()) {
      model = CapacityModel(settings: settings)
      given = GivenCapacity(mode: mode)
    }

    /// The reasons why a write of so many units is refused; none if it was let in.
    mutating func write(_ units: Double = 1, hash: UInt64 = 0, index: String? = nil) -> [String] {
      put([.init(access: .write, table: "t", index: index, hash: hash, units: units)])
    }

    mutating func read(_ units: Double = 1, hash: UInt64 = 0) -> [String] {
      put([.init(access: .read, table: "t", hash: hash, units: units)])
    }

    mutating func put(_ charges: [CapacityCharge]) -> [String] {
      let (given, index) = (given, index)
      return model.admit(charges, at: now) { $0.index == nil ? given : index }.map(\.reason)
    }

    /// How many one-unit writes of `count`, spread over `seconds` and over the hashes, are let in.
    mutating func writes(_ count: Int, over seconds: Int64, hashes: (Int) -> UInt64 = { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }) -> Int {
      var admitted = 0
      let start = now
      for number in 0..<count {
        now = start + Int64(number) * seconds * 1_000 / Int64(count)
        if write(hash: hashes(number)).isEmpty { admitted += 1 }
      }
      now = start + seconds * 1_000
      return admitted
    }
  }

  @Test("A provisioned table gives its units a second, and no more")
  func provisioned() {
    var scene = Scene(.provisioned(read: 5, write: 10))
    let admitted = scene.writes(10_000, over: 100)
    #expect((1_000...1_011).contains(admitted))
    #expect(scene.write() == ["TableWriteProvisionedThroughputExceeded"])
    for _ in 0..<5 { #expect(scene.read() == []) }
    scene.now += 1
    _ = scene.read(1_000)
    #expect(scene.read() == ["TableReadProvisionedThroughputExceeded"])
  }

  @Test("Units that no table gets make no more partitions than memory holds", arguments: [9.3e18, 1e300, .infinity])
  func absurd(_ units: Double) {
    var scene = Scene(.provisioned(read: 5, write: 5))
    #expect(scene.write() == [])
    scene.given.mode = .provisioned(read: units, write: units)
    (scene.given.warmRead, scene.given.warmWrite) = (units, units)
    #expect(scene.write() == [] && scene.read() == [])
  }

  @Test("Unused units of five minutes can be taken at once, and those of an hour no more, of a new table too", arguments: [false, true])
  func burst(isNew: Bool) {
    for (idle, expected) in [(60, 610), (300, 3_000), (3_600, 3_000)] {
      var scene = Scene(.provisioned(read: 1, write: 10))
      if isNew { scene.given.since = 0 } else { _ = scene.write(0) }
      scene.now += Int64(idle) * 1_000
      var admitted = 0
      // One second's pause per thousand: the partition must not be what stops it.
      while scene.write(10).isEmpty {
        admitted += 10
        if admitted % 900 == 0 { scene.now += 1_000 }
      }
      #expect(abs(admitted - expected) <= 60, "after \(idle) s: \(admitted)")
    }
  }

  @Test("A request that costs more than is left is let in and paid for later")
  func debt() {
    var scene = Scene(.provisioned(read: 5, write: 5))
    #expect(scene.read(128) == [])
    #expect(scene.read() == ["TableReadProvisionedThroughputExceeded"])
    scene.now += 24_000
    #expect(scene.read() == ["TableReadProvisionedThroughputExceeded"])
    scene.now += 1_000
    #expect(scene.read() == [])
  }

  @Test("One partition key gets what one partition gives, however much its table has")
  func hotKey() {
    var scene = Scene(.provisioned(read: 100_000, write: 100_000))
    let admitted = scene.writes(50_000, over: 10, hashes: { _ in 7 })
    #expect((10_000...11_100).contains(admitted))
    #expect(scene.write(hash: 7) == [] || scene.write(hash: 7) == ["TableWriteKeyRangeThroughputExceeded"])
    while scene.write(hash: 7).isEmpty {}
    #expect(scene.write(hash: 7) == ["TableWriteKeyRangeThroughputExceeded"])
    #expect(scene.write(hash: .max / 2) == [])
    #expect(scene.model.partitionCount(of: .init(table: "t")) == 100)
  }

  @Test("A partition that stays hot is split, and its halves give twice as much")
  func heat() {
    var settings = CapacityModel.Settings()
    settings.heatMilliseconds = 120_000
    // All keys in the first of four partitions.
    var narrow = Scene(.onDemand(maximumRead: nil, maximumWrite: nil), settings: settings)
    let quarter = { (number: Int) in (UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 2 }
    let before = narrow.writes(20_000, over: 10, hashes: quarter)
    #expect((9_900...11_100).contains(before))
    _ = narrow.writes(240_000, over: 120, hashes: quarter)
    let after = narrow.writes(40_000, over: 10, hashes: quarter)
    #expect(after > before * 3 / 2, "\(before) before, \(after) after")
    #expect(narrow.model.partitionCount(of: .init(table: "t")) > 4)
  }

  @Test("A partition that holds too much is split")
  func size() {
    var scene = Scene(.provisioned(read: 1, write: 1))
    _ = scene.write()
    scene.given.size = 35_000_000_000
    _ = scene.write()
    #expect(scene.model.partitionCount(of: .init(table: "t")) == 4)
  }

  @Test("A new on-demand table gives 4,000 writes a second, and twice its peak half an hour later")
  func doubling() {
    var scene = Scene(.onDemand(maximumRead: nil, maximumWrite: nil))
    let first = scene.writes(100_000, over: 10)
    #expect((36_000...45_000).contains(first))
    _ = scene.writes(180_000, over: 1_800)
    let second = scene.writes(100_000, over: 10)
    #expect((72_000...90_000).contains(second), "after doubling \(second)")
    #expect(scene.model.partitionCount(of: .init(table: "t")) >= 7)
  }

  @Test("Warm throughput is there from the beginning")
  func warm() {
    var scene = Scene(.onDemand(maximumRead: nil, maximumWrite: nil))
    scene.given.warmWrite = 20_000
    let admitted = scene.writes(300_000, over: 10)
    #expect((180_000...222_000).contains(admitted), "\(admitted)")
    #expect(scene.model.partitionCount(of: .init(table: "t")) == 20)
  }

  @Test("A maximum of on-demand units and the account's own are limits of their own names")
  func onDemandLimits() {
    var scene = Scene(.onDemand(maximumRead: 10, maximumWrite: 10))
    while scene.write().isEmpty {}
    #expect(scene.write() == ["TableWriteMaxOnDemandThroughputExceeded"])
    var account = Scene(.onDemand(maximumRead: nil, maximumWrite: nil))
    account.given.warmWrite = 90_000
    var reasons: Set<String> = []
    for number in 0..<60_000 { reasons.formUnion(account.write(hash: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)) }
    #expect(reasons == ["TableWriteAccountLimitExceeded"])
  }

  @Test("A write is refused for its index, and then takes nothing of its table")
  func index() {
    var scene = Scene(.provisioned(read: 1, write: 100))
    scene.index = GivenCapacity(mode: .provisioned(read: 1, write: 1))
    let both: [CapacityCharge] = [
      .init(access: .write, table: "t", hash: 1, units: 1), .init(access: .write, table: "t", index: "i", hash: 2, units: 1),
    ]
    #expect(scene.put(both) == [])
    for _ in 0..<500 { #expect(scene.put(both) == ["IndexWriteProvisionedThroughputExceeded"]) }
    for _ in 0..<99 { #expect(scene.write() == []) }
    #expect(scene.write() == ["TableWriteProvisionedThroughputExceeded"])
  }

  @Test(
    "Each limit has the service's code and spelling",
    arguments: [
      (.provisioned, false, "ProvisionedThroughputExceededException", "ThrottlingReasons"),
      (.keyRange, false, "ProvisionedThroughputExceededException", "ThrottlingReasons"),
      (.keyRange, true, "ThrottlingException", "throttlingReasons"), (.maximumOnDemand, true, "ThrottlingException", "throttlingReasons"),
      (.account, true, "RequestLimitExceeded", "ThrottlingReasons"),
    ] as [(ThrottlingLimit, Bool, String, String)])
  func wire(_ limit: ThrottlingLimit, isOnDemand: Bool, code: String, member: String) throws {
    let charge = CapacityCharge(access: .write, table: "t", index: "i", hash: 0, units: 1)
    let error = Throttling.error([Throttling(limit: limit, charge: charge, isOnDemand: isOnDemand)])
    #expect(error.type.hasSuffix("#\(code)"))
    let reasons = try #require(error.details.first { $0.name == member }?.value.array)
    #expect(reasons.count == 1)
    #expect(reasons[0]["reason"]?.string == "IndexWrite\(limit.rawValue)")
    #expect(reasons[0]["resource"]?.string?.hasSuffix(":table/t/index/i") == true)
  }
}
