internal import AWSAuth
internal import CurlTransport
internal import HTTPTransport

/// The limit's puts over the kit's own transport and signer: what is left of the distance when scan, conversion and accounting are away.
enum TransportRun {
  /// The child's side.
  static func main(_ arguments: [String]) async throws {
    let job = try PutJob(arguments: arguments)
    guard let digits = Workload.digitsOffsets(in: job.body).first else { throw Failure("the body holds no id") }
    let (loops, items) = (job.threads, job.items)
    var configuration = CurlTransport.Configuration(loops: loops)
    configuration.maxConnectionsPerOrigin = job.connections
    configuration.caBundle = job.certificate.isEmpty ? nil : job.certificate
    let transport = CurlTransport(configuration: configuration)
    let origin = HTTPOrigin(isSecure: !job.certificate.isEmpty, host: "127.0.0.1", port: job.port)
    let credentials = try AWSCredentials(accessKeyID: Workload.accessKeyID, secretAccessKey: Workload.secretAccessKey)
    let began = monotonicSeconds()
    let failures = await withTaskGroup(of: Int.self) { group in
      for (index, loop) in transport.loops.enumerated() {
        let source = ReadyPuts(
          body: job.body, digits: digits, numbers: items * index / loops..<items * (index + 1) / loops,
          signer: RequestSigner(
            credentials: credentials, region: Workload.region, origin: origin, target: "DynamoDB_20120810.PutItem"))
        group.addTask(executorPreference: loop) {
          await transport.perform(source, at: origin, timeouts: HTTPTimeouts())
          return source.failures
        }
      }
      return await group.reduce(0, +)
    }
    let seconds = monotonicSeconds() - began
    await transport.shutdown()
    try Workload.report(seconds: seconds, error: failures == 0 ? nil : "\(failures) puts failed")
  }
}

/// Puts of one body, with another id each.
final class ReadyPuts: HTTPRequestSource, @unchecked Sendable {
  // Sound: used by one transport from one thread at a time, as the protocol has it.
  private let body: [UInt8]
  private let digits: Int
  private var numbers: Range<Int>
  private var signer: RequestSigner
  private(set) var failures = 0

  init(body: String, digits: Int, numbers: Range<Int>, signer: consuming RequestSigner) {
    self.body = Array(body.utf8)
    self.digits = digits
    self.numbers = numbers
    self.signer = signer
  }

  var mayHaveMore: Bool { !numbers.isEmpty }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard !numbers.isEmpty else { return nil }
    let number = numbers.removeFirst()
    request.writeBody { bytes in
      let start = bytes.count
      bytes.append(contentsOf: body)
      var rest = number
      for place in (0..<Workload.idDigits).reversed() {
        bytes[start + digits + place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
    }
    signer.finish(&request, at: WallClock.system.now())
    return number
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    if answer.status != 200 { failures += 1 }
  }

  func failed(_ token: Int, _ error: HTTPTransportError) { failures += 1 }
}
