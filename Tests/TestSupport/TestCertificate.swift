/// A certificate for a server on loopback and the CA that has signed it, made for the occasion by the `openssl` command.
package final class TestCertificate: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// For `localhost`, signed by the directory's CA.
    case good
    /// The same, and for the address `::1` and the name `dynamodb.test`.
    case many
    case wrongName, expired, selfSigned
  }

  /// Whether `openssl` is there; without it tests of TLS are skipped, and the report says so.
  package static let isAvailable = ChildProgram.run("openssl", ["version"])
  /// One for all tests that just want TLS; nil where it can't be made.
  package static let shared = TestCertificate(.many)

  /// The CA's certificate, in PEM form.
  package let bundle: String
  /// The server's certificate, in PEM form.
  package let file: String
  /// The server's key, in PEM form.
  package let key: String
  private let directory = TemporaryDirectory()

  package init?(_ kind: Kind) {
    let directory = directory.path
    (bundle, file, key) = (directory + "/ca.pem", directory + "/server.pem", directory + "/server.key")
    let (caKey, request) = (directory + "/ca.key", directory + "/server.csr")
    let name = kind == .wrongName ? "elsewhere.test" : "localhost"
    let names = kind == .many ? "DNS:localhost,DNS:dynamodb.test,IP:::1" : "DNS:\(name)"
    let subject = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)"]
    let authority = ["-newkey", "rsa:2048", "-nodes", "-keyout", caKey, "-subj", "/CN=CA"]
    guard ChildProgram.run("openssl", ["req", "-x509", "-days", "2", "-out", bundle] + authority) else { return nil }
    if kind == .selfSigned {
      guard ChildProgram.run("openssl", ["req", "-x509", "-days", "2", "-out", file] + subject) else { return nil }
      return
    }
    let days = kind == .expired ? "-1" : "2"
    let signing = ["-CA", bundle, "-CAkey", caKey, "-CAcreateserial", "-days", days, "-copy_extensions", "copy"]
    guard ChildProgram.run("openssl", ["req", "-out", request] + subject),
      ChildProgram.run("openssl", ["x509", "-req", "-in", request, "-out", file] + signing)
    else { return nil }
  }
}
