internal import CurlTransport
package import HTTPTransport

/// What the default chain gets from outside: environment, time, and what carries its requests; a test hands in its own.
package struct CredentialSurroundings: Sendable {
  let environment: [String: String]
  let wallClock: WallClock
  let clock: any Clock<Duration>
  let transport: @Sendable (_ isLocal: Bool) -> any HTTPTransport

  /// - Parameters:
  ///   - wallClock: dates signatures and tells when credentials end.
  ///   - clock: waits between tries, and for programs.
  ///   - transport: makes what carries one request, shut down afterwards; local ones stay on this machine or beside it, so that no proxy may
  ///     see them.
  package init(
    environment: [String: String], wallClock: WallClock, clock: any Clock<Duration>,
    transport: @escaping @Sendable (_ isLocal: Bool) -> any HTTPTransport
  ) {
    self.environment = environment
    self.wallClock = wallClock
    self.clock = clock
    self.transport = transport
  }

  /// The machine's.
  package static func system(environment: [String: String]) -> CredentialSurroundings {
    CredentialSurroundings(
      environment: environment, wallClock: .system, clock: ContinuousClock(), transport: systemTransport(environment))
  }

  /// Carries requests over libcurl's connections, by the certificates and proxies that `environment` names.
  package static func systemTransport(_ environment: [String: String]) -> @Sendable (_ isLocal: Bool) -> any HTTPTransport {
    { isLocal in
      var configuration = CurlTransport.Configuration(loops: 1)
      configuration.maxConnectionsPerOrigin = 1
      configuration.maxAnswerBytes = SmallFile.longest
      configuration.caBundle = environment["AWS_CA_BUNDLE"].flatMap { $0.isEmpty ? nil : $0 }
      configuration.proxies = ProxySettings { isLocal ? nil : environment[$0] }
      return CurlTransport(configuration: configuration)
    }
  }

  /// The value of a variable, nil where it isn't set or is empty.
  subscript(variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }

  func isTrue(_ variable: String) -> Bool { self[variable]?.lowercased() == "true" }
}
