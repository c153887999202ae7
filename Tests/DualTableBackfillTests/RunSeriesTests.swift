import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Testing

@testable import DualTableBackfill

/// What a backfill leaves of its time for the report.
@Suite struct BackfillSeriesTests {
  @Test func `a run that was throttled, killed and taken up again is one series, and its counts are the run's`() throws {
    let migration = try TimedMigration(seed: 3, hasLimits: true)
    let result = try migration.run { migration in
      try await migration.makeTables(
        old: ProvisionedThroughput(readCapacityUnits: 200, writeCapacityUnits: 10),
        new: ProvisionedThroughput(readCapacityUnits: 10, writeCapacityUnits: 5))
      migration.seed(0..<3_000)
      try await migration.kill(after: .seconds(90)) { _ = try await migration.backfill() }
      return try await migration.backfill { $0.limitedBy = { "--write-wcu" } }
    }
    let series = try #require(try RunSeries.look(at: migration.state))
    let samples = series.samples
    #expect(samples.last?.counts == result.counts)
    #expect(samples.last?.restarts == 1 && samples.first?.restarts == 0)
    #expect(zip(samples, samples.dropFirst()).allSatisfy { $0.elapsed < $1.elapsed && $0.moment <= $1.moment })
    #expect(Double(samples.last?.elapsed ?? 0) / 1_000 == result.seconds)
    // A point every second or two, as long as it ran.
    #expect(samples.count > Int(result.seconds) / 2)
    let requests = samples.reduce(into: RequestMeter.Reading()) { sum, sample in
      sum.reads += sample.requests.reads
      sum.writes += sample.requests.writes
      sum.throttles += sample.requests.throttles
    }
    // Every page's time and every put's, but for what the kill took: the last seconds of a process.
    #expect(requests.reads.total > result.counts[.pages] * 9 / 10)
    #expect(requests.writes.total > result.counts[.migrated] * 9 / 10)
    #expect(try #require(requests.writes.seconds(of: 0.5)) > 0)
    #expect(requests.throttles.contains { $0.access == .write && $0.count > 0 })
    #expect(samples.last?.limit == "--write-wcu")
  }
}
