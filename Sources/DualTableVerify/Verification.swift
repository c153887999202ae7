internal import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport
internal import Synchronization

/// Shows that every id which the mapping yields from the old table is in the new one, live or as a tombstone.
///
/// Both tables are scanned at once; their ids become keyed digests in files partitioned by digest, and each pair of files is compared in
/// memory, so that memory is bounded whatever the tables hold. What seems to be missing is looked for again by consistent reads, so that
/// nothing is reported that only moved while the scans passed by.
///
/// With a control table to share the run in, any number of processes lease segments of it: the same part of both tables, compared in memory.
///
/// Interrupted or killed, the next run with the same state directory goes on where the scans stood. A run that came to its end leaves
/// nothing behind, so the one after it begins anew.
package struct Verification: Sendable {
  private let configuration: Configuration

  package init(_ configuration: Configuration) { self.configuration = configuration }

  /// Runs until all is known, or until `stop` asks.
  ///
  /// - Parameter progress: told where the run stands, about once a second.
  /// - Throws: `VerifyError`.
  package func run(
    stop: StopSignal, progress: @escaping @Sendable (VerifyProgress) -> Void
  ) async throws(VerifyError) -> VerifyResult {
    let tables: Preflight
    do throws(Preflight.Failure) {
      tables = try await Preflight(
        old: configuration.old, new: configuration.new, oldSchema: configuration.mapping.oldSchema,
        newSchema: configuration.mapping.newSchema)
    } catch {
      throw VerifyError(error.cause == nil ? .unsuitable : .service, error.message, cause: error.cause)
    }
    do {
      return try await withThrowingTaskGroup(of: VerifyResult?.self) { group in
        let run: any VerificationRun =
          if let shared = configuration.shared {
            try await SharedVerifyRun(configuration, shared, tables, stop)
          } else {
            try VerifyRun(configuration, tables, stop)
          }
        // Rather than after hours, when there is something to write.
        if let path = configuration.keysOut { _ = try File(path, .append) }
        group.addTask { try await run.run() }
        group.addTask {
          await report(run, progress)
          return nil
        }
        if let limit = configuration.timeLimit {
          group.addTask {
            await stop.request(.timeLimit, after: limit, on: configuration.new.client.clock)
            return nil
          }
        }
        while let result = try await group.next() {
          guard let result else { continue }
          group.cancelAll()
          return result
        }
        preconditionFailure("the run returns a result")
      }
    } catch {
      throw VerifyError(error)
    }
  }

  /// Spill files of each table: so many that one partition fits into memory at once, as far as the tables' counts are right; 16 where they
  /// say nothing.
  package static func partitions(items: Int) -> Int { items == 0 ? 16 : min(128, 1 + items / 500_000) }

  /// Tells once a second where the run stands, and takes a last sample when cancelled.
  private func report(_ run: any VerificationRun, _ progress: @Sendable (VerifyProgress) -> Void) async {
    let clock = configuration.new.client.clock
    while (try? await clock.sleep(for: .seconds(1))) != nil {
      progress(await run.progress())
      await run.sample(isLast: false)
    }
    await run.sample(isLast: true)
  }
}

/// A verification under way: alone with a state directory, or shared by way of a control table.
protocol VerificationRun: Sendable {
  /// Works to the end, or until it is asked to stop.
  func run() async throws -> VerifyResult

  /// Where the run stands.
  func progress() async -> VerifyProgress

  /// Takes a sample for the report, if it is time for one; the last one always.
  func sample(isLast: Bool) async
}
