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
    self.init(
      configuration: configuration, transport: CurlTransport(configuration: transport), wallClock: .system, clock: ContinuousClock(),
      seed: Self.entropy(), ownsTransport: true)
  }

  /// 64 bits that no other process has: names are made of them that must be nobody else's. Time and process id won't do: a deployment starts
  /// many containers at once, each with process 1.
  private static func entropy() -> UInt64 {
    var bits: UInt64 = 0
    let failed = unsafe withUnsafeMutableBytes(of: &bits) { unsafe getentropy($0.baseAddress, $0.count) } != 0
    precondition(!failed, "The system gives no random bits.")
    return bits
  }
}
