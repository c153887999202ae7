/// One profile of AWS's files: its options, without regard to which file has them.
package struct AWSProfile: Sendable {
  package let name: String
  let options: INIFile.Section
  /// The section of services that it names, by service.
  let services: INIFile.Section

  /// The text of an option, nil where it isn't set, is empty, or is a list of options.
  package subscript(option: String) -> String? {
    options[option]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The endpoint that the profile sets for a service: in the services section that it names, else for all of them.
  ///
  /// - Parameter service: as sections spell it, such as `dynamodb`.
  package func endpointURL(of service: String) -> String? {
    if case .nested(let options)? = services[service], let url = options["endpoint_url"], !url.isEmpty { return url }
    return self["endpoint_url"]
  }

  /// True if `option` says so.
  package func isTrue(_ option: String) -> Bool { self[option]?.lowercased() == "true" }

  /// The profile to work with: `name`, else what `AWS_DEFAULT_PROFILE` or `AWS_PROFILE` names, else `default`, which needn't be there.
  ///
  /// - Throws: `CredentialError`: `notFound` where a profile is named that neither file has, `malformed` for files that can't be read.
  package static func chosen(_ name: String?, environment: [String: String]) throws(CredentialError) -> AWSProfile {
    try ProfileFiles(environment: environment).chosen(name, environment: environment)
  }

  /// The name of that profile, and whether anybody gave it.
  static func chosenName(_ name: String?, environment: [String: String]) -> (name: String, isNamed: Bool) {
    let named = [name, environment["AWS_DEFAULT_PROFILE"], environment["AWS_PROFILE"]].compactMap(\.self).first { !$0.isEmpty }
    return (named ?? "default", named != nil)
  }
}

extension ProfileFiles {
  func chosen(_ name: String?, environment: [String: String]) throws(CredentialError) -> AWSProfile {
    let (name, isNamed) = AWSProfile.chosenName(name, environment: environment)
    if let profile = profile(name) { return profile }
    if isNamed {
      throw CredentialError(.notFound, "There is no profile \(name) in \(places); check its name, or add it with 'aws configure'.")
    }
    return AWSProfile(name: name, options: [:], services: [:])
  }
}
