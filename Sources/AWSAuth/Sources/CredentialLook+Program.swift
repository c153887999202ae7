internal import DynamoDBModel

extension CredentialLook {
  /// What the program prints that `profile` names (`credential_process`), nil where it names none.
  func program(_ profile: AWSProfile) async throws(CredentialError) -> AWSCredentials? {
    if profile["login_session"] != nil {
      // Passed over, somebody else's credentials would be found: the machine's, for instance.
      throw CredentialError(
        .unsupported,
        "Profile \(profile.name) signs in by 'aws login' (login_session), which only AWS's own tools can use; get its credentials with "
          + "'aws configure export-credentials', or have another profile run that as its credential_process.")
    }
    guard let line = profile["credential_process"] else { return nil }
    let name = "the credential_process of profile \(profile.name)"
    guard let words = shellWords(line), !words.isEmpty else {
      throw CredentialError(.malformed, "The command line of \(name) has a quote that isn't closed; mend it.")
    }
    let output = try await ProgramRun(words: words, name: name, surroundings: surroundings).output()
    guard let json = JSONValue(output), json.object != nil else {
      throw CredentialError(.badAnswer, "What \(name) prints is no JSON object; run it by hand.")
    }
    guard json["Version"]?.integer == 1 else {
      throw CredentialError(.badAnswer, "What \(name) prints isn't of version 1, the only one there is; run it by hand.")
    }
    return try GivenCredentials(json: json, tokenName: "SessionToken")?.checked(from: name)
  }
}
