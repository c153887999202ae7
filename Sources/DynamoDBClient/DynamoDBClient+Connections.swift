internal import AWSAuth
internal import CurlTransport
internal import Glibc
internal import Telemetry

extension DynamoDBClient {
  /// Makes a client with connections of its own; `shutdown()` closes them.
  public convenience init(configuration: Configuration) {
    var transport = CurlTransport.Configuration()
    transport.maxConnectionsPerOrigin = configuration.maximumConnections
    transport.caBundle = configuration.caBundle
    transport.proxies = configuration.proxies
    if let gauge = configuration.telemetry.metrics?.gauge("dynamodb_client_connections", labels: []) {
      transport.onConnections = { gauge(Double($0)) }
    }
    // Jitter only has to differ between processes and clients, so time and process id do.
    let wallClock = WallClock.system
    self.init(
      configuration: configuration, transport: CurlTransport(configuration: transport), wallClock: wallClock, clock: ContinuousClock(),
      seed: UInt64(bitPattern: wallClock.now()) ^ UInt64(getpid()) << 44, ownsTransport: true)
  }
}
