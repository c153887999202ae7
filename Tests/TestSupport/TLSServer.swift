import Glibc
package import HTTPTransport

/// Runs `program` (found by PATH) to its end; false where it failed or isn't there.
@discardableResult private func run(_ program: String, _ arguments: [String]) -> Bool {
  guard let (child, output) = start(program, arguments) else { return false }
  close(output)
  var status: Int32 = 0
  return waitpid(child, &status, 0) == child && status == 0
}

/// Starts `program` with its standard output in a pipe and its errors thrown away.
private func start(_ program: String, _ arguments: [String]) -> (child: pid_t, output: Int32)? {
  var pipes: [Int32] = [0, 0]
  guard pipe(&pipes) == 0 else { return nil }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
  posix_spawn_file_actions_addclose(&actions, pipes[0])
  var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
  words.append(nil)
  defer { for word in words { free(word) } }
  var child: pid_t = 0
  let error = posix_spawnp(&child, program, &actions, nil, words, environ)
  close(pipes[1])
  guard error == 0 else {
    close(pipes[0])
    return nil
  }
  return (child, pipes[0])
}

/// A TLS server on loopback with a certificate made for it: Python's, since nothing here should judge our client by our own code.
package final class TLSServer: Sendable {
  package enum Certificate: String, Sendable, CaseIterable {
    /// For `localhost`, signed by the directory's CA.
    case good
    case wrongName, expired, selfSigned
  }

  /// Whether `openssl` and `python3` are there; without them these tests are skipped, and the report says so.
  package static let isAvailable = run("openssl", ["version"]) && run("python3", ["-c", "import ssl, http.server"])

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
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """

  package let port: Int
  /// The CA's certificate.
  package let bundle: String
  private let child: pid_t
  private let output: Int32
  private let directory = TemporaryDirectory()

  package init?(_ certificate: Certificate) {
    let directory = directory.path
    bundle = directory + "/ca.pem"
    let (key, request, signed) = (directory + "/server.key", directory + "/server.csr", directory + "/server.pem")
    let name = certificate == .wrongName ? "elsewhere.test" : "localhost"
    let subject = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)"]
    let caKey = directory + "/ca.key"
    let authority = ["-newkey", "rsa:2048", "-nodes", "-keyout", caKey, "-subj", "/CN=CA"]
    guard run("openssl", ["req", "-x509", "-days", "2", "-out", bundle] + authority) else { return nil }
    if certificate == .selfSigned {
      guard run("openssl", ["req", "-x509", "-days", "2", "-out", signed] + subject) else { return nil }
    } else {
      let days = certificate == .expired ? "-1" : "2"
      guard run("openssl", ["req", "-out", request] + subject),
        run(
          "openssl",
          ["x509", "-req", "-in", request, "-CA", bundle, "-CAkey", caKey, "-CAcreateserial", "-days", days, "-copy_extensions", "copy"]
            + ["-out", signed])
      else { return nil }
    }
    guard let (child, output) = start("python3", ["-c", Self.script, signed, key]) else { return nil }
    (self.child, self.output) = (child, output)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
    port = Int(String(decoding: line, as: UTF8.self)) ?? 0
    if port == 0 { return nil }
  }

  deinit {
    kill(child, SIGKILL)
    var status: Int32 = 0
    waitpid(child, &status, 0)
    close(output)
  }

  package func origin(_ host: String = "localhost") -> HTTPOrigin { HTTPOrigin(isSecure: true, host: host, port: port) }
}
