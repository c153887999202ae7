internal import AWSAuth
internal import DynamoDBClient
internal import HTTPTransport

/// Clients of both sides over one transport.
struct Clients: Sendable {
  let old: DynamoDBClient
  let new: DynamoDBClient
  private let transport: any HTTPTransport

  /// Makes clients by the settings of a command.
  ///
  /// - Parameter connections: kept at most to one endpoint.
  /// - Throws: `CommandError` where no region is set, or a region or URL can't be one.
  init(_ context: CommandContext, connections: Int) throws(CommandError) {
    // A side must not be resolved after the threads are there: ending them takes an await.
    let sides = (
      try Self.endpoint(
        context, [SharedSettings.oldEndpoint, SharedSettings.endpoint], [SharedSettings.oldRegion, SharedSettings.region]),
      try Self.endpoint(context, [SharedSettings.newEndpoint, SharedSettings.endpoint], [SharedSettings.newRegion, SharedSettings.region])
    )
    let surroundings = context.surroundings
    let transport = surroundings.transport(connections)
    self.transport = transport
    let credentials = EnvironmentCredentialProvider(environment: surroundings.environment)
    func client(_ endpoint: DynamoDBEndpoint) -> DynamoDBClient {
      DynamoDBClient(
        configuration: .init(endpoint: endpoint, credentials: credentials, maximumConnections: connections),
        transport: transport, wallClock: surroundings.wallClock, clock: surroundings.clock, seed: .random(in: .min ... .max))
    }
    old = client(sides.0)
    new = client(sides.1)
  }

  /// Closes all connections.
  func shutdown() async { await transport.shutdown() }

  private static func endpoint(
    _ context: CommandContext, _ urls: [Setting<String>], _ regions: [Setting<String>]
  ) throws(CommandError) -> DynamoDBEndpoint {
    let settings = context.settings
    do {
      return try .resolve(
        environment: settings.environment, region: settings.text(of: regions.map(\.declaration))?.text,
        url: settings.text(of: urls.map(\.declaration))?.text)
    } catch {
      throw CommandError(error.message)
    }
  }
}
