internal import AWSAuth
internal import CLimit
internal import HTTPTransport

/// Signatures a second on one core: the kit's signer against the limit's, over the same body.
struct SigningBenchmark {
  let isQuick: Bool

  private static let body = Array(Workload.item.utf8)
  private static let target = "DynamoDB_20120810.PutItem"

  func run() throws(Failure) -> [Figure] {
    let passes = isQuick ? 20_000 : 100_000
    var (limit, own) = (Series(), Series())
    for _ in 0..<(isQuick ? 5 : 15) {
      limit.append(try time(passes) { (passes) throws(Failure) in try Self.limit(passes) })
      own.append(try time(passes) { (passes) throws(Failure) in try Self.own(passes) })
    }
    return [
      Figure(name: "signing.limit.work", title: "sign a put in C", unit: .microsecondsPerItem, series: limit),
      Figure(name: "signing.work", title: "sign a put", unit: .microsecondsPerItem, series: own),
      Figure(name: "signing.work.ratio", title: "  work / limit", unit: .ratio, series: own / limit),
    ]
  }

  /// Microseconds of this thread that one of so many takes.
  private func time(_ passes: Int, _ body: (Int) throws(Failure) -> Void) throws(Failure) -> Double {
    let began = threadSeconds()
    try body(passes)
    return (threadSeconds() - began) / Double(passes) * 1e6
  }

  private static func limit(_ passes: Int) throws(Failure) {
    let signer = "127.0.0.1:8000".withCString { host in
      Workload.region.withCString { region in
        Workload.accessKeyID.withCString { accessKey in
          Workload.secretAccessKey.withCString { secretKey in
            target.withCString { target in
              var identity = limit_identity(host: host, region: region, access_key: accessKey, secret_key: secretKey, target: target)
              return limit_signer_make(&identity)
            }
          }
        }
      }
    }
    defer { limit_signer_free(signer) }
    limit_signer_set_time(signer, 1_700_000_000)
    var message = [CChar](repeating: 0, count: limit_head_room + body.count)
    let head = message.withUnsafeMutableBufferPointer { Int(limit_signer_head(signer, body.count, $0.baseAddress)) }
    for at in body.indices { message[head + at] = CChar(bitPattern: body[at]) }
    message.withUnsafeMutableBufferPointer { message in
      guard let start = message.baseAddress else { return }
      for _ in 0..<passes { limit_signer_sign(signer, start + head, body.count, start) }
    }
  }

  private static func own(_ passes: Int) throws(Failure) {
    let credentials: AWSCredentials
    do {
      credentials = try AWSCredentials(accessKeyID: Workload.accessKeyID, secretAccessKey: Workload.secretAccessKey)
    } catch {
      throw Failure("signing: \(error)")
    }
    let origin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8_000)
    var signer = RequestSigner(credentials: credentials, region: Workload.region, origin: origin, target: target)
    var request = HTTPRequestBuffer()
    for _ in 0..<passes {
      request.reset()
      request.writeBody { $0.append(body.span) }
      signer.finish(&request, at: 1_700_000_000_000)
    }
  }
}
