import Testing

@testable import AWSAuth

@Suite struct XMLTextTests {
  @Test func `reads what STS answers`() throws {
    let xml = try #require(XMLText(Array(SourceScene.role().utf8)))
    #expect(xml["AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId"] == "ASIAROLE")
    #expect(xml["AssumeRoleResponse/AssumeRoleResult/Credentials/SecretAccessKey"] == "secret/of+role")
    #expect(xml["AssumeRoleResponse/AssumeRoleResult/Credentials/SessionToken"] == "token&of==")
  }

  @Test(arguments: [
    "", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&lol;</a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><!-- x --></a>",
    "<a><![CDATA[x]]></a>", "<a>x<b/></a>", "<a><b>1</b><b>2</b></a>", "<a x='1></a>", "<a x=1></a>", "<a>&#xD800;</a>",
    "<a>&#99999999;</a>",
    "<?xml version='1.0'?><?xml version='1.0'?><a/>", "<a><?php ?></a>",
    String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
    "<a>", "< a/>", "<a b=\"<\"/>", "<a></a>x",
  ]) func `refuses what isn't plain`(_ text: String) {
    #expect(XMLText(Array(text.utf8)) == nil)
  }
}
