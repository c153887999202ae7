internal import AWSAuth
internal import CAllocations
internal import CurlTransport
internal import DualTableBackfill
internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport

/// The kit's backfill, whole, in a process of its own: scan, conversion, puts, accounting and checkpoints.
enum BackfillRun {
  /// The child's side.
  static func main(_ arguments: [String]) async throws {
    let job = try PutJob(arguments: arguments)
    // As the tool does.
    ProcessMemory.keepFreed()
    var limits = CurlTransport.Configuration(loops: job.threads)
    limits.maxConnectionsPerOrigin = job.connections
    limits.caBundle = job.certificate.isEmpty ? nil : job.certificate
    let transport = CurlTransport(configuration: limits)
    let client = try Workload.client(port: job.port, isSecure: !job.certificate.isEmpty, over: transport)
    let state = try TemporaryDirectory()
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: Workload.oldTable), new: .init(client: client, table: Workload.newTable),
      mapping: try Workload.compiledMapping(), stateDirectory: StatePath(state.path), seed: 1)
    configuration.writeMode = job.isBatch ? .batch : .put
    if job.isForgetful { configuration.checkpoint = ForgetfulCheckpoint(segments: SegmentPlan.count(tableBytes: 0, openSegments: 16)) }

    let began = monotonicSeconds()
    if job.countsBlocks { allocations_start() }
    let result = try await Backfill(configuration).run(stop: StopSignal()) { _ in }
    let blocks = job.countsBlocks ? allocations_stop() : nil
    let seconds = monotonicSeconds() - began
    await transport.shutdown()
    let done = result.counts[.migrated] + result.counts[.alreadyThere]
    try Workload.report(
      seconds: seconds, error: done == job.items && !result.more ? nil : "\(done) of \(job.items) items went across", blocks: blocks)
  }
}
