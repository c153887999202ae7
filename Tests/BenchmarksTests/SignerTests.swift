import AWSAuth
import CLimit
import Glibc
import HTTPTransport
import Testing

@Suite struct SignerTests {
  private static let start: Int64 = 1_767_225_599  // the last second of 2025, so that the next one changes the signing key too

  private static func signature(in head: some Sequence<UInt8>) -> Substring? {
    let text = String(decoding: Array(head), as: UTF8.self)
    return text.split(separator: "\r\n").first { $0.hasPrefix("authorization:") }
  }

  /// A limit that signs wrongly would be faster than any client may be.
  @Test(
    arguments: [0, 1, 2, 86_400], [0, 1, 64, 5_000])
  func `the limit signs as the kit does`(later: Int64, size: Int) throws {
    let body = String(repeating: "x", count: size)
    let (key, secret, target) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "DynamoDB_20120810.PutItem")
    var ours = RequestSigner(
      credentials: try AWSCredentials(accessKeyID: key, secretAccessKey: secret), region: "eu-central-1",
      origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8_000), target: target)
    var request = HTTPRequestBuffer()
    request.writeBody { $0.append(contentsOf: body.utf8) }
    ours.finish(&request, at: (Self.start + later) * 1_000)
    var message: [UInt8] = []
    for index in request.message.indices { message.append(request.message[index]) }

    var head = [CChar](repeating: 0, count: limit_head_room)
    let length = "127.0.0.1:8000".withCString { host in
      "eu-central-1".withCString { region in
        key.withCString { key in
          secret.withCString { secret in
            target.withCString { target in
              var identity = limit_identity(host: host, region: region, access_key: key, secret_key: secret, target: target)
              let signer = limit_signer_make(&identity)
              defer { limit_signer_free(signer) }
              limit_signer_set_time(signer, Self.start)
              let length = limit_signer_head(signer, body.utf8.count, &head)
              // The head was written a while before it is signed, as the limit does it.
              limit_signer_set_time(signer, Self.start + later)
              limit_signer_sign(signer, body, body.utf8.count, &head)
              return length
            }
          }
        }
      }
    }
    let theirs = Self.signature(in: head.prefix(length).map(UInt8.init(bitPattern:)))
    #expect(theirs != nil)
    #expect(theirs == Self.signature(in: message))
  }
}
