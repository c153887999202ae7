internal import HTTPTransport

extension HTTPOrigin {
  /// Takes scheme, host and port out of a URL without path, query or user.
  ///
  /// - Throws: code `invalidConfiguration`; the URL is never repeated, since it may carry a password.
  init(endpointURL url: String) throws(DynamoDBError) {
    let (isSecure, authority) = try Self.splitScheme(url)
    if authority.contains("@") { throw .malformedURL("names a user, which DynamoDB has no use for") }
    if authority.contains(where: { "/?#".contains($0) }) { throw .malformedURL("has a path or a query, which requests can't go to") }
    let (host, portText) = authority.hasPrefix("[") ? try Self.splitAddress(authority) : try Self.splitName(authority)
    self.init(isSecure: isSecure, host: String(host), port: try portText.map(Self.port))
  }

  /// True for 1 to 63 letters, digits, hyphens and underscores (container names have those), without a hyphen at either end.
  static func isHostLabel(_ text: Substring) -> Bool {
    let bytes = text.utf8
    return (1...63).contains(bytes.count) && bytes.first != 0x2D && bytes.last != 0x2D
      && bytes.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x5F }
  }

  private static func splitScheme(_ url: String) throws(DynamoDBError) -> (isSecure: Bool, authority: Substring) {
    for (scheme, isSecure) in [("https://", true), ("http://", false)] where url.lowercased().hasPrefix(scheme) {
      let rest = url.dropFirst(scheme.count)
      return (isSecure, rest.hasSuffix("/") ? rest.dropLast() : rest)
    }
    throw .malformedURL("begins with neither http:// nor https://")
  }

  /// An IPv6 address in brackets, and what stands behind the colon after them.
  private static func splitAddress(_ authority: Substring) throws(DynamoDBError) -> (host: Substring, port: Substring?) {
    guard let end = authority.firstIndex(of: "]") else { throw .malformedURL("has an address without its closing bracket") }
    let host = authority[..<end].dropFirst()
    let behind = authority[end...].dropFirst()
    guard !host.isEmpty, host.utf8.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0 | 0x20) || $0 == 0x3A || $0 == 0x2E }) else {
      throw .malformedURL("has no valid address between its brackets")
    }
    guard behind.isEmpty || behind.hasPrefix(":") else { throw .malformedURL("has something behind its address") }
    return (host, behind.isEmpty ? nil : behind.dropFirst())
  }

  /// A name or an IPv4 address, and what stands behind its colon; one dot at the end is fine.
  private static func splitName(_ authority: Substring) throws(DynamoDBError) -> (host: Substring, port: Substring?) {
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let host = parts[0]
    let name = host.hasSuffix(".") ? host.dropLast() : host
    guard name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isHostLabel($0) }) else {
      throw .malformedURL("has no valid host")
    }
    return (host, parts.count > 1 ? parts[1] : nil)
  }

  private static func port(_ text: Substring) throws(DynamoDBError) -> Int {
    guard text.utf8.allSatisfy(isDigit), let port = Int(text), (1...65_535).contains(port) else {
      throw .malformedURL("has no valid port")
    }
    return port
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension DynamoDBError {
  fileprivate static func malformedURL(_ why: String) -> DynamoDBError {
    DynamoDBError(.invalidConfiguration, "The endpoint URL \(why); give it as in http://127.0.0.1:8000.")
  }
}
