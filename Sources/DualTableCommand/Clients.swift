internal import AWSAuth
internal import DynamoDBClient
internal import HTTPTransport

/// Clients of both sides over one transport; each side may have an account of its own.
struct Clients: Sendable {
  let old: DynamoDBClient
  let new: DynamoDBClient
  private let transport: any HTTPTransport

  /// Makes clients by the settings of a command.
  ///
  /// - Parameters:
  ///   - connections: kept at most to one endpoint.
  ///   - oldOnly: the new side is the old one.
  /// - Throws: `CommandError` where no region is set, a region or URL can't be one, or there is no such profile.
  init(_ context: CommandContext, connections: Int, oldOnly: Bool = false) throws(CommandError) {
    // A side must not be resolved after the threads are there: ending them takes an await.
    let oldSide = try Side(
      context.settings, url: [SharedSettings.oldEndpoint, SharedSettings.endpoint],
      region: [SharedSettings.oldRegion, SharedSettings.region], profile: [SharedSettings.oldProfile, SharedSettings.profile])
    let newSide =
      oldOnly
      ? oldSide
      : try Side(
        context.settings, url: [SharedSettings.newEndpoint, SharedSettings.endpoint],
        region: [SharedSettings.newRegion, SharedSettings.region], profile: [SharedSettings.newProfile, SharedSettings.profile])
    let surroundings = context.surroundings
    let transport = surroundings.transport(connections)
    self.transport = transport
    let oldCredentials = oldSide.credentials(surroundings)
    // One provider where both sides have one profile, so that a role is assumed once.
    let newCredentials = oldSide.profile == newSide.profile ? oldCredentials : newSide.credentials(surroundings)
    func client(_ side: Side, _ credentials: any CredentialProvider) -> DynamoDBClient {
      DynamoDBClient(
        configuration: .init(endpoint: side.endpoint, credentials: credentials, maximumConnections: connections),
        transport: transport, wallClock: surroundings.wallClock, clock: surroundings.clock, seed: .random(in: .min ... .max))
    }
    old = client(oldSide, oldCredentials)
    new = client(newSide, newCredentials)
  }

  /// Closes all connections.
  func shutdown() async { await transport.shutdown() }

  /// Where one of the tables is, and whose credentials open it.
  private struct Side {
    let endpoint: DynamoDBEndpoint
    let profile: String?

    init(
      _ settings: Settings, url: [Setting<String>], region: [Setting<String>], profile: [Setting<String>]
    ) throws(CommandError) {
      func text(_ names: [Setting<String>]) -> String? { settings.text(of: names.map(\.declaration))?.text }
      self.profile = text(profile)
      do {
        endpoint = try .resolve(environment: settings.environment, region: text(region), url: text(url), profile: text(profile))
      } catch {
        throw CommandError(error.message)
      }
    }

    func credentials(_ surroundings: Surroundings) -> any CredentialProvider {
      DefaultCredentialProvider(
        CredentialSurroundings(
          environment: surroundings.environment, wallClock: surroundings.wallClock, clock: surroundings.clock,
          transport: surroundings.credentialTransport), profile: profile, region: endpoint.region)
    }
  }
}
