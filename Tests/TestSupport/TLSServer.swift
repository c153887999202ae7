internal import Glibc
package import HTTPTransport

/// A TLS server on loopback with a certificate made for it: Python's, since nothing here should judge our client by our own code.
package final class TLSServer: Sendable {
  /// Whether `openssl` and `python3` are there; without them these tests are skipped, and the report says so.
  package static let isAvailable = TestCertificate.isAvailable && ChildProgram.run("python3", ["-c", "import ssl, http.server"])

  private static let script = """
    import http.server, ssl, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def do_POST(self):
            body = self.rfile.read(int(self.headers['content-length']))
            if body.startswith(b'size '): body = b'x' * int(body[5:])
            if body == b'port': body = str(self.client_address[1]).encode()
            self.send_response(200)
            self.send_header('content-length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def log_message(self, *arguments): pass
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if len(sys.argv) > 3:
        # Versions that the library has by itself put out of use.
        context.set_ciphers('ALL:@SECLEVEL=0')
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = getattr(ssl.TLSVersion, sys.argv[3])
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """

  package let port: Int
  /// The CA's certificate.
  package var bundle: String { certificate.bundle }
  private let certificate: TestCertificate
  private let program: ChildProgram

  /// - Parameter latest: the latest version of TLS that it speaks, as Python calls it: `TLSv1_1`. Default: the library's.
  package init?(_ kind: TestCertificate.Kind, latest: String? = nil) {
    guard let certificate = TestCertificate(kind),
      let program = ChildProgram(
        "python3", ["-W", "ignore", "-c", Self.script, certificate.file, certificate.key] + [latest].compactMap(\.self))
    else { return nil }
    (self.certificate, self.program) = (certificate, program)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe read(program.output, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
    port = Int(String(decoding: line, as: UTF8.self)) ?? 0
    if port == 0 { return nil }
  }

  deinit { program.end() }

  package func origin(_ host: String = "localhost") -> HTTPOrigin { HTTPOrigin(isSecure: true, host: host, port: port) }
}
