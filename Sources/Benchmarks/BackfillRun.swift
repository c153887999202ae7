internal import AWSAuth
internal import CurlTransport
internal import DualTableBackfill
internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport

/// The kit's backfill, whole, in a process of its own: scan, conversion, puts, accounting and checkpoints.
enum BackfillRun {
  /// The child's side.
  static func main(_ arguments: [String]) async throws {
    guard arguments.count == 4, let port = Int(arguments[0]), let loops = Int(arguments[1]), let connections = Int(arguments[2]),
      let items = Int(arguments[3])
    else { throw Failure("backfill takes: port loops connections items") }
    var limits = CurlTransport.Configuration(loops: loops)
    limits.maxConnectionsPerOrigin = connections
    let transport = CurlTransport(configuration: limits)
    let client = try Workload.client(port: port, over: transport)
    let state = try TemporaryDirectory()
    let configuration = Backfill.Configuration(
      old: .init(client: client, table: Workload.oldTable), new: .init(client: client, table: Workload.newTable),
      mapping: try Workload.compiledMapping(), stateDirectory: state.path, seed: 1)

    let began = monotonicSeconds()
    let result = try await Backfill(configuration).run(stop: StopSignal()) { _ in }
    let seconds = monotonicSeconds() - began
    await transport.shutdown()
    let done = result.counts[.migrated] + result.counts[.alreadyThere]
    try Workload.report(seconds: seconds, error: done == items && !result.more ? nil : "\(done) of \(items) items went across")
  }
}
