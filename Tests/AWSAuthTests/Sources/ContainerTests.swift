import AWSAuth
import HTTPTransport
import TestSupport
import Testing

/// A container's credential service, against a double.
@Suite struct ContainerTests {
  static let answer = #"{"AccessKeyId":"ASIABOX","SecretAccessKey":"s","Token":"t","Expiration":"\#(SourceScene.later)","RoleArn":"r"}"#

  @Test func `asks ECS by the relative URI`() async throws {
    let scene = try SourceScene(environment: [
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/4-2?x=1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere/",
    ])
    let double = SourceDouble(.answer(200, Self.answer))
    let found = try await scene.credentials(double)
    #expect(found.accessKeyID == "ASIABOX" && found.sessionToken == "t" && found.expiration == SourceScene.laterMilliseconds)
    #expect(double.requests == [.init(url: "http://169.254.170.2/v2/credentials/4-2?x=1")])
  }

  @Test(
    arguments: [
      ("http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"),
      ("http://[fd00:ec2::23]/v1", "http://[fd00:ec2::23]/v1"),
      ("http://127.9.8.7:80/a?b=c", "http://127.9.8.7/a?b=c"), ("http://localhost:51678", "http://localhost:51678/"),
      ("http://[::1]:8080/x", "http://[::1]:8080/x"), ("http://169.254.170.2/x", "http://169.254.170.2/x"),
      ("https://keys.example.com/x", "https://keys.example.com/x"), ("http://10.0.0.1/x", nil), ("http://169.254.169.254/x", nil),
      ("http://127.0.0.1.evil.com/x", nil), ("http://localhost.evil.com/", nil), ("http://127.0.0.1@evil.com/", nil),
      ("ftp://127.0.0.1/", nil),
      ("http://169.254.170.2.evil.com/", nil), ("http://127.0.0.1/a b", nil), ("http://[fd00:ec2::24]/", nil), ("/v2/x", nil),
      ("http://127.0.0.1/\r\nx-evil: 1", nil), ("http://evil.com#@127.0.0.1/", nil), ("http://evil.com?@127.0.0.1/", nil),
      ("http://2130706433/", nil), ("http://0x7f.1/", nil), ("http://127.1/", nil), ("http://0.0.0.0/", nil),
    ] as [(String, String?)]) func `a token goes over TLS, or to this machine and what is beside it`(_ uri: String, _ url: String?)
    async throws
  {
    let scene = try SourceScene(environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic x"])
    let double = SourceDouble(.answer(200, Self.answer))
    let error = await scene.failure(double)
    #expect(error?.code == (url == nil ? .malformed : nil))
    #expect(double.requests == (url.map { [.init(url: $0, fields: ["authorization": "Basic x"])] } ?? []))
  }

  @Test func `the token's file is read at each refresh, and comes before the variable`() async throws {
    var scene = try SourceScene(environment: [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other",
    ])
    scene.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "\(scene.folder.path)/token"
    // Ends within two minutes, so that the second question fetches again.
    let double = SourceDouble(.answer(200, Self.answer))
    #expect(await scene.failure(double)?.code == .notFound)
    for token in ["one\n", "two"] {
      try scene.folder.write("token", Array(token.utf8))
      _ = try await scene.credentials(double)
    }
    #expect(double.requests.map { $0.fields["authorization"] } == ["one", "two"])
    try scene.folder.write("token", Array("a\r\nx-evil: 1".utf8))
    #expect(await scene.failure(double)?.code == .malformed && double.requests.count == 2)
  }

  @Test(
    arguments: [
      (.answer(403, ""), .denied, 1), (.answer(404, "{}"), .denied, 1), (.answer(500, ""), .unreachable, 3),
      (.answer(429, ""), .unreachable, 3),
      (.answer(200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":1795255200}"#), .badAnswer, 1),
      (.answer(200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":7,"Expiration":"2099-01-01T00:00:00Z"}"#), .badAnswer, 1),
      (.answer(200, "[]"), .badAnswer, 1), (.answer(200, "{}"), .badAnswer, 1), (.answer(200, "<html>"), .badAnswer, 1),
      (.lost(.connect, mayHaveArrived: false), .unreachable, 1), (.lost(.timeout, mayHaveArrived: true), .unreachable, 3),
    ] as [(SourceDouble.Answer, CredentialError.Code, Int)])
  func `tells failures apart`(_ answer: SourceDouble.Answer, _ code: CredentialError.Code, _ requests: Int) async throws {
    let scene = try SourceScene(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"])
    let double = SourceDouble(answer)
    #expect(await scene.failure(double)?.code == code)
    #expect(double.requests.count == requests)
  }
}
