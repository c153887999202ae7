import DynamoDBClient
import TestSupport
import Testing

@Suite struct DynamoDBEndpointTests {
  /// Regions of each partition, plain, FIPS, dual-stack and both, as botocore's endpoint rules have them.
  @Test(arguments: [
    (
      "us-east-1", "dynamodb.us-east-1.amazonaws.com", "dynamodb-fips.us-east-1.amazonaws.com", "dynamodb.us-east-1.api.aws",
      "dynamodb-fips.us-east-1.api.aws"
    ),
    (
      "eu-central-1", "dynamodb.eu-central-1.amazonaws.com", "dynamodb-fips.eu-central-1.amazonaws.com",
      "dynamodb.eu-central-1.api.aws", "dynamodb-fips.eu-central-1.api.aws"
    ),
    (
      "cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn", "dynamodb-fips.cn-north-1.amazonaws.com.cn",
      "dynamodb.cn-north-1.api.amazonwebservices.com.cn", "dynamodb-fips.cn-north-1.api.amazonwebservices.com.cn"
    ),
    (
      "us-gov-west-1", "dynamodb.us-gov-west-1.amazonaws.com", "dynamodb.us-gov-west-1.amazonaws.com",
      "dynamodb.us-gov-west-1.api.aws", "dynamodb-fips.us-gov-west-1.api.aws"
    ),
    (
      "us-iso-east-1", "dynamodb.us-iso-east-1.c2s.ic.gov", "dynamodb-fips.us-iso-east-1.c2s.ic.gov",
      "dynamodb.us-iso-east-1.api.aws.ic.gov", "dynamodb-fips.us-iso-east-1.api.aws.ic.gov"
    ),
    (
      "us-isob-east-1", "dynamodb.us-isob-east-1.sc2s.sgov.gov", "dynamodb-fips.us-isob-east-1.sc2s.sgov.gov",
      "dynamodb.us-isob-east-1.api.aws.scloud", "dynamodb-fips.us-isob-east-1.api.aws.scloud"
    ),
    (
      "eusc-de-east-1", "dynamodb.eusc-de-east-1.amazonaws.eu", "dynamodb-fips.eusc-de-east-1.amazonaws.eu",
      "dynamodb.eusc-de-east-1.api.amazonwebservices.eu", "dynamodb-fips.eusc-de-east-1.api.amazonwebservices.eu"
    ),
    (
      "xx-future-7", "dynamodb.xx-future-7.amazonaws.com", "dynamodb-fips.xx-future-7.amazonaws.com", "dynamodb.xx-future-7.api.aws",
      "dynamodb-fips.xx-future-7.api.aws"
    ),
  ]) func regions(_ region: String, _ plain: String, _ fips: String, _ dual: String, _ both: String) throws {
    let use = ["AWS_USE_FIPS_ENDPOINT": "true"]
    let dualStack = ["AWS_USE_DUALSTACK_ENDPOINT": "True"]
    for (environment, host) in [
      ([:], plain), (use, fips), (dualStack, dual), (use.merging(dualStack) { $1 }, both), (["AWS_USE_FIPS_ENDPOINT": "false"], plain),
    ] {
      let endpoint = try DynamoDBEndpoint.resolve(environment: environment, region: region)
      #expect(endpoint.description == "https://\(host)" && endpoint.region == region)
    }
  }

  @Test(
    arguments: [
      ([:], "flag", nil, "flag", "https://dynamodb.flag.amazonaws.com"),
      (["AWS_REGION": "one", "AWS_DEFAULT_REGION": "two"], nil, nil, "one", "https://dynamodb.one.amazonaws.com"),
      (["AWS_REGION": "", "AWS_DEFAULT_REGION": "two"], nil, nil, "two", "https://dynamodb.two.amazonaws.com"),
      (["AWS_REGION": "one"], "flag", nil, "flag", "https://dynamodb.flag.amazonaws.com"),
      (["AWS_ENDPOINT_URL": "http://a:1"], "r", nil, "r", "http://a:1"),
      (["AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://b:2"], "r", nil, "r", "http://b:2"),
      (["AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_DYNAMODB": ""], "r", nil, "r", "http://a:1"),
      (["AWS_ENDPOINT_URL_DYNAMODB": "http://b:2"], "r", "http://c:3", "r", "http://c:3"),
      (
        ["AWS_ENDPOINT_URL": "http://a:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], "r", nil, "r", "https://dynamodb.r.amazonaws.com"
      ),
      (["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], "r", "http://c:3", "r", "http://c:3"),
      (["AWS_USE_FIPS_ENDPOINT": "true"], "r", "http://c:3", "r", "http://c:3"),
      ([:], nil, "https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com"),
      ([:], nil, "https://123456789012.ddb.eu-west-1.amazonaws.com", "eu-west-1", "https://123456789012.ddb.eu-west-1.amazonaws.com"),
      ([:], nil, "https://dynamodb.cn-north-1.amazonaws.com.cn", "cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
      ([:], "r", "HTTPS://Example.com/", "r", "https://Example.com"), ([:], "r", "http://[::1]:8000", "r", "http://[::1]:8000"),
      ([:], "r", "http://[::1]", "r", "http://[::1]"), ([:], "r", "https://h:443", "r", "https://h"),
      ([:], "r", "http://dynamo_db.local.:8000", "r", "http://dynamo_db.local.:8000"),
    ] as [([String: String], String?, String?, String, String)]) func precedence(
      _ environment: [String: String], _ region: String?, _ url: String?, _ signed: String, _ sentTo: String
    ) throws
  {
    let endpoint = try DynamoDBEndpoint.resolve(environment: environment, region: region, url: url)
    #expect(endpoint.region == signed && endpoint.description == sentTo)
  }

  @Test(
    arguments: [
      (nil, nil, "No region"), (nil, "http://127.0.0.1:8000", "No region"), (nil, "https://dynamodb.eu-west-1.example.com", "No region"),
      ("", nil, "region"), ("eu central", nil, "region"), ("eu/../x", nil, "region"), ("a.b", nil, "region"), ("-a", nil, "region"),
      ("r", "", "neither"), ("r", "ftp://a", "neither"), ("r", "127.0.0.1:8000", "neither"), ("r", "http://", "host"),
      ("r", "http://a b", "host"), ("r", "http://a..b", "host"), ("r", "http://a:0", "port"), ("r", "http://a:65536", "port"),
      ("r", "http://a:+1", "port"), ("r", "http://a:", "port"), ("r", "http://a:1/path", "path"), ("r", "http://a?b", "path"),
      ("r", "http://user:hunter2@a", "user"), ("r", "http://[::1", "closing"), ("r", "http://[zz]", "address"),
      ("r", "http://[]", "address"),
      ("r", "http://[::1]x", "behind"), ("r", "http://a\r\nx:y", "host"),
    ] as [(String?, String?, String)]) func refused(_ region: String?, _ url: String?, _ word: String)
  {
    let error = #expect(throws: DynamoDBError.self) {
      try DynamoDBEndpoint.resolve(environment: [:], region: region, url: url)
    }
    #expect(error?.code == .invalidConfiguration && error?.message.contains(word) == true)
    #expect(error?.description.contains("hunter2") == false)
  }

  /// What files of profiles add: a region, endpoints for one service or all, FIPS, dual-stack and an account's own endpoint.
  @Test(
    arguments: [
      ([:], nil, "profile", "https://dynamodb.profile.amazonaws.com"),
      (["AWS_REGION": "env"], nil, "env", "https://dynamodb.env.amazonaws.com"),
      ([:], "own", "own", "http://own:1"), ([:], "services", "s", "http://dynamo:2"),
      (["AWS_ENDPOINT_URL": "http://e:3"], "services", "s", "http://e:3"),
      (["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], "own", "own", "https://dynamodb.own.amazonaws.com"),
      ([:], "ignoring", "i", "https://dynamodb.i.amazonaws.com"), (["AWS_PROFILE": "own"], nil, "own", "http://own:1"),
      ([:], "fips", "us-east-1", "https://dynamodb-fips.us-east-1.amazonaws.com"),
      (["AWS_USE_FIPS_ENDPOINT": "false"], "fips", "us-east-1", "https://dynamodb.us-east-1.amazonaws.com"),
      ([:], "dual", "eu-west-1", "https://dynamodb.eu-west-1.api.aws"),
      ([:], "account", "eu-west-1", "https://123456789012.ddb.eu-west-1.amazonaws.com"),
      (["AWS_USE_DUALSTACK_ENDPOINT": "true"], "account", "eu-west-1", "https://123456789012.ddb.eu-west-1.api.aws"),
      (["AWS_USE_FIPS_ENDPOINT": "true"], "account", "eu-west-1", "https://dynamodb-fips.eu-west-1.amazonaws.com"),
      (["AWS_REGION": "cn-north-1"], "account", "cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
      (["AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"], "account", "eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com"),
      (["AWS_ACCOUNT_ID": "210987654321"], "account", "eu-west-1", "https://210987654321.ddb.eu-west-1.amazonaws.com"),
      (["AWS_ACCOUNT_ID": "210987654321"], "own", "own", "http://own:1"),
    ] as [([String: String], String?, String, String)]) func profiles(
      _ environment: [String: String], _ profile: String?, _ signed: String, _ sentTo: String
    ) throws
  {
    let endpoint = try DynamoDBEndpoint.resolve(environment: try Self.files(environment), profile: profile)
    #expect(endpoint.region == signed && endpoint.description == sentTo)
  }

  @Test(
    arguments: [
      ([:], "gone", "no profile gone"), (["AWS_ACCOUNT_ID_ENDPOINT_MODE": "required"], "dual", "no account's id"),
      (["AWS_ACCOUNT_ID_ENDPOINT_MODE": "maybe"], "dual", "must be preferred"), ([:], "bad", "neither http"),
      (["AWS_CONFIG_FILE": "/"], nil, "isn't a file"),
    ] as [([String: String], String?, String)])
  func profilesRefused(_ environment: [String: String], _ profile: String?, _ words: String) throws {
    let environment = try Self.files(environment)
    let error = #expect(throws: DynamoDBError.self) { try DynamoDBEndpoint.resolve(environment: environment, profile: profile) }
    #expect(error?.code == .invalidConfiguration && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  private static func files(_ environment: [String: String]) throws -> [String: String] {
    ["AWS_CONFIG_FILE": "\(try folder.get().path)/config"].merging(environment) { $1 }
  }

  /// Where the file of profiles is, written once.
  private static let folder = Result {
    let config = """
      [default]
      region = profile
      [profile own]
      region = own
      endpoint_url = http://own:1
      [profile services]
      region = s
      endpoint_url = http://all:9
      services = local
      [services local]
      dynamodb =
        endpoint_url = http://dynamo:2
      [profile ignoring]
      region = i
      endpoint_url = http://own:1
      ignore_configured_endpoint_urls = true
      [profile fips]
      region = us-east-1
      use_fips_endpoint = true
      [profile dual]
      region = eu-west-1
      use_dualstack_endpoint = true
      [profile account]
      region = eu-west-1
      aws_account_id = 123456789012
      account_id_endpoint_mode = preferred
      [profile bad]
      region = eu-west-1
      endpoint_url = own
      """
    let folder = TemporaryDirectory()
    try folder.write("config", Array(config.utf8))
    return folder
  }
}
