package import HTTPTransport

/// Where requests go and for which region they are signed.
public struct DynamoDBEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// The region that signatures name, as in `eu-central-1`.
  public let region: String
  /// Scheme, host and port.
  package let origin: HTTPOrigin

  package init(region: String, origin: HTTPOrigin) {
    self.region = region
    self.origin = origin
  }

  /// The endpoint's URL.
  public var description: String { origin.description }

  /// Finds region and endpoint as the AWS command line does, from flags and then the environment.
  ///
  /// The region is `region`, `AWS_REGION` or `AWS_DEFAULT_REGION`, or what the URL of one of AWS's own endpoints says. The endpoint is
  /// `url`, `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` (neither where `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true), or AWS's own
  /// for the region, by `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`. Plain `http` is taken where a URL says so.
  ///
  /// - Throws: `DynamoDBError` of code `invalidConfiguration` where there is no region, or a region or URL can't be one.
  public static func resolve(
    environment: [String: String], region: String? = nil, url: String? = nil
  ) throws(DynamoDBError) -> DynamoDBEndpoint {
    func setting(_ name: String) -> String? {
      guard let value = environment[name], !value.isEmpty else { return nil }
      return value
    }
    func isTrue(_ name: String) -> Bool { setting(name)?.lowercased() == "true" }

    let configured =
      isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ? nil : setting("AWS_ENDPOINT_URL_DYNAMODB") ?? setting("AWS_ENDPOINT_URL")
    let given = try (url ?? configured).map(parse)
    let named = region ?? setting("AWS_REGION") ?? setting("AWS_DEFAULT_REGION") ?? given.flatMap { Self.region(ofHost: $0.host) }
    guard let named else {
      throw DynamoDBError(.invalidConfiguration, "No region is set; pass --region or set AWS_REGION.")
    }
    guard isHostLabel(named) else {
      throw DynamoDBError(.invalidConfiguration, "The region may hold letters, digits and hyphens only, as in eu-central-1.")
    }
    if let given { return DynamoDBEndpoint(region: named, origin: given) }
    let host = AWSPartition.of(region: named).host(
      region: named, fips: isTrue("AWS_USE_FIPS_ENDPOINT"), dualStack: isTrue("AWS_USE_DUALSTACK_ENDPOINT"))
    return DynamoDBEndpoint(region: named, origin: HTTPOrigin(isSecure: true, host: host))
  }

  /// The region that the name of one of AWS's own endpoints holds, nil for every other name.
  static func region(ofHost host: String) -> String? {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.count >= 3, let at = labels.firstIndex(where: { ["dynamodb", "dynamodb-fips", "ddb"].contains($0) }),
      at <= 1, at + 1 < labels.count
    else { return nil }
    let region = labels[at + 1]
    let partition = AWSPartition.of(region: region)
    let rest = labels[(at + 2)...].joined(separator: ".")
    return rest == partition.suffix || rest == partition.dualStackSuffix ? region : nil
  }
}

/// Scheme, host and port of a URL without path, query or user.
private func parse(_ url: String) throws(DynamoDBError) -> HTTPOrigin {
  func malformed(_ why: String) -> DynamoDBError {
    // A URL may carry a password: it is never repeated.
    DynamoDBError(.invalidConfiguration, "The endpoint URL \(why); give it as in http://127.0.0.1:8000.")
  }
  var rest = url[...]
  let isSecure: Bool
  if rest.lowercased().hasPrefix("https://") {
    isSecure = true
    rest = rest.dropFirst(8)
  } else if rest.lowercased().hasPrefix("http://") {
    isSecure = false
    rest = rest.dropFirst(7)
  } else {
    throw malformed("begins with neither http:// nor https://")
  }
  if rest.hasSuffix("/") { rest = rest.dropLast() }
  if rest.contains("@") { throw malformed("names a user, which DynamoDB has no use for") }
  if rest.contains(where: { "/?#".contains($0) }) { throw malformed("has a path or a query, which requests can't go to") }

  var host = rest
  var portText: Substring?
  if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
    host = rest[rest.index(after: rest.startIndex)..<end]
    let behind = rest[rest.index(after: end)...]
    guard behind.isEmpty || behind.hasPrefix(":") else { throw malformed("has something behind its address") }
    portText = behind.isEmpty ? nil : behind.dropFirst()
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 == 0x3A || $0 == 0x2E || isHexDigit($0) }) else {
      throw malformed("has no valid address between its brackets")
    }
  } else {
    if let colon = rest.firstIndex(of: ":") {
      host = rest[..<colon]
      portText = rest[rest.index(after: colon)...]
    }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard !host.isEmpty, labels.allSatisfy({ isHostLabel(String($0)) || $0.isEmpty && $0.endIndex == host.endIndex }) else {
      throw malformed("has no valid host")
    }
  }
  guard let portText else { return HTTPOrigin(isSecure: isSecure, host: String(host)) }
  guard let port = Int(portText), (1...65_535).contains(port), portText.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
    throw malformed("has no valid port")
  }
  return HTTPOrigin(isSecure: isSecure, host: String(host), port: port)
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

/// True for 1 to 63 letters, digits, hyphens and underscores (container names have those), without a hyphen at either end.
private func isHostLabel(_ text: String) -> Bool {
  let bytes = text.utf8
  return (1...63).contains(bytes.count) && bytes.first != 0x2D && bytes.last != 0x2D
    && bytes.allSatisfy {
      ($0 >= 0x30 && $0 <= 0x39) || (($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A) || $0 == 0x2D || $0 == 0x5F
    }
}
