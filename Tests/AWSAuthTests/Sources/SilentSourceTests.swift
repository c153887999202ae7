import AWSAuth
import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// Sources that take a connection and then don't do what they should, over real sockets: each has limits, and says so in one sentence.
@Suite(.timeLimit(.minutes(5))) struct SilentSourceTests {
  /// A source, and how its failure begins.
  struct Source: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    var attempts = 3
    let config: String
    var variables: [String: String] = [:]
    var profile: String? = "p"
  }

  private static let sso = """
    [profile p]
    sso_session = corp
    sso_account_id = 123456789012
    sso_role_name = r
    [sso-session corp]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-central-1
    """

  static let sources = [
    Source(
      testDescription: "STS", words: "STS gives no credentials: ",
      config: """
        [profile p]
        role_arn = arn:aws:iam::1:role/r
        source_profile = base
        [profile base]
        aws_access_key_id = AKIABASE
        aws_secret_access_key = s
        """),
    Source(testDescription: "SSO", words: "IAM Identity Center gives no credentials: ", config: sso),
    Source(
      testDescription: "container", words: "the container's credential service gives no credentials: ", config: "",
      variables: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "SERVER/creds"], profile: nil),
    Source(
      testDescription: "instance", words: "the instance metadata service gives no credentials: ", config: "",
      variables: ["AWS_EC2_METADATA_DISABLED": "false"], profile: nil),
  ]

  /// Answers nothing, or something for ever.
  enum Manner: Sendable, CaseIterable {
    case nothing, aByteNowAndThen, fieldsWithoutEnd, aBodyWithoutEnd, aLengthOfExabytes

    /// How many times it is asked again.
    var isTriedAgain: Bool { self == .nothing || self == .aByteNowAndThen }

    func answer(_ peer: inout Peer) {
      switch self {
      case .nothing: peer.waitForClose()
      case .aByteNowAndThen:
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while peer.isQuiet {
          peer.send("x")
          usleep(5_000)
        }
      case .fieldsWithoutEnd:
        peer.send("HTTP/1.1 200 OK\r\n")
        while peer.isQuiet { peer.send("x-more: \(String(repeating: "y", count: 4_096))\r\n") }
      case .aBodyWithoutEnd:
        peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while peer.isQuiet { peer.send("1000\r\n\(String(repeating: "y", count: 4_096))\r\n") }
      case .aLengthOfExabytes:
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 8000000000000000000\r\n\r\n")
        peer.waitForClose()
      }
    }
  }

  @Test(arguments: sources, Manner.allCases) func `a source that doesn't come to an end is cut off`(_ source: Source, _ manner: Manner)
    async throws
  {
    let server = TestServer { peer, _ in
      guard peer.request() != nil else { return }
      manner.answer(&peer)
    }
    let url = "http://127.0.0.1:\(server.port)"
    var scene = try SourceScene(config: source.config, environment: source.variables.mapValues { $0.replacing("SERVER", with: url) })
    for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_EC2_METADATA_SERVICE_ENDPOINT"] { scene.environment[name] = url }
    try scene.folder.write(SSOTests.cache("corp"), SSOTests.token())
    let real = CredentialSurroundings.systemTransport(scene.environment)
    let surroundings = CredentialSurroundings(
      environment: scene.environment, wallClock: WallClock { SourceScene.now }, clock: scene.clock,
      transport: { HurriedTransport(real($0)) })
    let error = await #expect(throws: CredentialError.self) {
      _ = try await DefaultCredentialProvider(surroundings, profile: source.profile).credentials()
    }
    #expect(error?.code == .unreachable && error?.message.hasPrefix(source.words) == true, "\(String(describing: error))")
    if manner.isTriedAgain { #expect(server.accepted == source.attempts) }
  }

  /// A portal that answers, beside a service that renews tokens and says nothing.
  private static func renewal(end: String) throws -> (server: TestServer, scene: SourceScene) {
    let server = TestServer { peer, _ in
      guard let request = peer.request() else { return }
      if request.starts(with: Array("POST".utf8)) { peer.waitForClose() } else { peer.answer(SSOTests.credentials) }
    }
    var scene = try SourceScene(config: Self.sso)
    for name in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"] { scene.environment[name] = "http://127.0.0.1:\(server.port)" }
    try scene.folder.write(SSOTests.cache("corp"), SSOTests.token(end: end, more: SSOTests.renewable))
    return (server, scene)
  }

  private static func provider(_ scene: SourceScene, _ transport: @escaping @Sendable (any HTTPTransport) -> any HTTPTransport)
    -> DefaultCredentialProvider
  {
    let real = CredentialSurroundings.systemTransport(scene.environment)
    return DefaultCredentialProvider(
      CredentialSurroundings(
        environment: scene.environment, wallClock: WallClock { SourceScene.now }, clock: scene.clock, transport: { transport(real($0)) }),
      profile: "p")
  }

  @Test(arguments: [("2026-11-21T09:10:00Z", true), ("2026-11-21T08:59:00Z", false)])
  func `a renewal that nobody answers is given up, and the token does for as long as it lasts`(_ end: String, _ lasts: Bool) async throws {
    let (server, scene) = try Self.renewal(end: end)
    let provider = Self.provider(scene) { HurriedTransport($0) }
    if lasts {
      #expect(try await provider.credentials().accessKeyID == "ASIASSO")
    } else {
      let error = await #expect(throws: CredentialError.self) { _ = try await provider.credentials() }
      #expect(error?.code == .unreachable && error?.message.hasPrefix("IAM Identity Center gives no credentials: ") == true)
    }
    #expect(server.accepted == (lasts ? 4 : 3))
  }

  @Test func `whoever is cancelled while a renewal is silent is free at once`() async throws {
    let (server, scene) = try Self.renewal(end: "2026-11-21T08:59:00Z")
    let provider = Self.provider(scene) { $0 }
    let clock = ContinuousClock()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let error = await #expect(throws: CredentialError.self) { _ = try await provider.credentials() }
        #expect(error?.code == .cancelled)
      }
      while server.accepted == 0 { await Task.yield() }
      let began = clock.now
      group.cancelAll()
      try await group.waitForAll()
      #expect(began.duration(to: clock.now) < .seconds(4), "it doesn't wait for the silence to be over, which is five seconds and more")
    }
  }
}

/// Carries requests as another transport does, in a fiftieth of the time.
private struct HurriedTransport: HTTPTransport {
  let inner: any HTTPTransport
  init(_ inner: any HTTPTransport) { self.inner = inner }
  var loops: [any TaskExecutor] { inner.loops }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    #expect(timeouts.connect <= .seconds(5) && timeouts.idle <= .seconds(5) && timeouts.total <= .seconds(10))
    // On a crowded machine to connect and to send take what they take.
    await inner.perform(
      source, at: origin,
      timeouts: HTTPTimeouts(
        connect: .seconds(5), idle: max(timeouts.idle / 50, .milliseconds(100)), total: max(timeouts.total / 50, .milliseconds(400))))
  }

  func shutdown() async { await inner.shutdown() }
}
