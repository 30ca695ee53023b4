import Testing

@testable import Reporting

@Suite struct MarkupTests {
  @Test func textIsNeverMarkup() {
    let hostile = "<script>alert('x')</script> & \"quoted\"\u{0}\u{202E}"
    let page = Markup.tag("p", ["title": hostile], hostile).serialized
    #expect(
      page
        == "<p title=\"&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;\u{FFFD}\u{FFFD}\">"
        + "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;\u{FFFD}\u{FFFD}</p>"
    )
  }

  @Test func aDocumentLoadsAndRunsNothing() {
    let page = RunReport.document(title: "</title><script>", body: []).serialized
    #expect(page.contains("default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"))
    #expect(!page.contains("<script"))
    #expect(!page.contains("http://") && !page.contains("https://"))
  }

  @Test func theStyleHasNothingThatEscapingWouldChange() throws {
    let page = RunReport.document(title: "t", body: []).serialized
    let start = try #require(page.firstRange(of: "<style>")).upperBound
    let end = try #require(page.firstRange(of: "</style>")).lowerBound
    #expect(!page[start..<end].contains("&"))
    #expect(page[start..<end].contains("body {"))
  }

  @Test func anExcerptOfMarkdownBecomesHeadingsTablesAndParagraphs() {
    let page = MarkdownExcerpt(text: "# Title\n\n| a | b |\n|---|---:|\n| 1 | <2> |\n\nText.\n")
      .markup.map(\.serialized).joined()
    #expect(
      page
        == "<h3>Title</h3><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>&lt;2&gt;</td></tr>"
        + "</table><p>Text.</p>")
  }
}
