public import AWSAuth
package import CurlTransport
package import HTTPTransport
public import Telemetry

extension DynamoDBClient {
  /// Where a client sends to, with which credentials, and how patient it is.
  public struct Configuration: Sendable {
    /// Region and URL.
    public var endpoint: DynamoDBEndpoint
    /// What signs.
    public var credentials: any CredentialProvider
    /// When failed calls are tried again. Default `RetryPolicy.requestPath`.
    public var retry: RetryPolicy
    /// Connections kept at most. DynamoDB answers one request a connection at a time. Default 64.
    public var maximumConnections: Int
    /// A file of certificates in PEM form to trust instead of the system's. Default nil: the system's.
    public var caBundle: String?
    /// Who is told of calls, tries and connections. Default: nobody.
    public var telemetry = TelemetrySinks.none
    package var timeouts: HTTPTimeouts
    package var proxies: ProxySettings

    /// How long a try may take to resolve, connect and negotiate TLS. Default 3 s.
    public var connectTimeout: Duration {
      get { timeouts.connect }
      set { timeouts.connect = newValue }
    }

    /// How long a try may take in all. Default 30 s; the policy's deadline covers all tries of a call.
    public var attemptTimeout: Duration {
      get { timeouts.total }
      set { timeouts.total = newValue }
    }

    /// Makes a configuration of its parts; proxies are those that the process's environment names.
    public init(
      endpoint: DynamoDBEndpoint, credentials: any CredentialProvider, retry: RetryPolicy = .requestPath, maximumConnections: Int = 64
    ) {
      self.endpoint = endpoint
      self.credentials = credentials
      self.retry = retry
      self.maximumConnections = maximumConnections
      timeouts = HTTPTimeouts()
      proxies = .ofProcess
    }

    /// Makes a configuration of environment and profile, as the AWS SDKs read them: see `DynamoDBEndpoint.resolve` for the endpoint,
    /// `DefaultCredentialProvider` for the credentials; `AWS_CA_BUNDLE` names the certificates, `http_proxy`,
    /// `https_proxy`, `all_proxy` and `no_proxy` the proxies.
    ///
    /// - Parameters:
    ///   - environment: usually the process's.
    ///   - profile: default: what `AWS_PROFILE` names, else `default`.
    /// - Throws: `DynamoDBError` of code `invalidConfiguration` where no region or a malformed URL is set, or a file of profiles can't be read.
    public init(environment: [String: String], profile: String? = nil) throws(DynamoDBError) {
      let endpoint = try DynamoDBEndpoint.resolve(environment: environment, profile: profile)
      self.init(
        endpoint: endpoint,
        credentials: DefaultCredentialProvider(environment: environment, profile: profile, region: endpoint.region))
      if let bundle = environment["AWS_CA_BUNDLE"], !bundle.isEmpty { caBundle = bundle }
      proxies = ProxySettings { environment[$0] }
    }
  }
}
