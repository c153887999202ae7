internal import AWSAuth
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

  /// Finds region and endpoint as the AWS command line does: from flags, then the environment, then the profile.
  ///
  /// The region is `region`, `AWS_REGION` or `AWS_DEFAULT_REGION`, the profile's `region`, or what the URL of one of AWS's own endpoints says.
  /// The endpoint is `url`, `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`, the `endpoint_url` of `dynamodb` in the section `services` that
  /// the profile names, or the profile's own (none of these where `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true), or AWS's own for the region,
  /// by `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT` or the profile's options of these names. An account's own endpoint is used
  /// where `AWS_ACCOUNT_ID_ENDPOINT_MODE` (`account_id_endpoint_mode`) is `preferred` or `required` and `AWS_ACCOUNT_ID` or the profile's
  /// `aws_account_id` says which. Plain `http` is taken where a URL says so.
  ///
  /// - Parameters:
  ///   - environment: usually the process's; it says where the files of profiles are.
  ///   - profile: default: what `AWS_PROFILE` names, else `default`.
  /// - Throws: `DynamoDBError` of code `invalidConfiguration` where there is no region, a region or URL can't be one, or a file of profiles
  ///   can't be read.
  public static func resolve(
    environment: [String: String], region: String? = nil, url: String? = nil, profile: String? = nil
  ) throws(DynamoDBError) -> DynamoDBEndpoint {
    do {
      return try EndpointChoice(environment: environment, profile: .chosen(profile, environment: environment)).endpoint(region, url)
    } catch let error as CredentialError {
      throw DynamoDBError(.invalidConfiguration, error.message, cause: error)
    } catch let error as EndpointURLError {
      throw DynamoDBError(.invalidConfiguration, error.description, cause: error)
    } catch {
      throw error as? DynamoDBError ?? DynamoDBError(.invalidConfiguration, "The endpoint can't be found.", cause: error)
    }
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
