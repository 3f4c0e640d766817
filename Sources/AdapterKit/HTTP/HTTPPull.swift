import RecordFormats

/// All pages of an http input, on the disk: the network is asked once, and before anything is told it is known that they are whole.
final class HTTPPull {
    /// One answer.
    struct Page {
        /// Its address, without secrets.
        let name: String
        let part: Range<Int>
        let digest: [UInt8]
    }

    /// What a pull brought.
    enum Outcome {
        case pages(HTTPPull)
        /// The source has not changed (304).
        case unchanged(name: String)
    }

    private(set) var pages: [Page] = []
    /// For the next conditional request; nil where the source gives no validator.
    private(set) var mark: StreamState.HTTPMark?
    /// Whether the last answer names a next one (RFC 8288), followed or not.
    private(set) var linksOn = false
    /// Whether there is a record.
    var isEmpty: Bool { records == 0 }

    private let input: Input.HTTP
    private let client: HTTPClient
    private let context: InputContext
    private let spool: SpoolFile
    /// Records and refusals so far; where nobody needs their number, 1 for each page that has some.
    private var records = 0
    private var total: Int?

    private init(_ input: Input.HTTP, _ client: HTTPClient, _ context: InputContext) throws {
        self.input = input
        self.client = client
        self.context = context
        do { spool = try SpoolFile() } catch { throw error.inAdapter() }
    }

    /// - Parameters:
    ///   - places: what the placeholders stand for.
    ///   - mark: of the last complete pull; makes it a conditional request where the input is one page.
    static func fetch(_ input: Input.HTTP, _ places: Placeholders, mark: StreamState.HTTPMark?, in context: InputContext, folder: String) throws -> Outcome {
        let client = try HTTPClient(input, places, in: context, folder: folder)
        let pull = try HTTPPull(input, client, context)
        let name = client.name(of: client.first)
        var conditions: [String: String] = [:]
        if input.pages == nil, let mark, mark.address == name {
            if let etag = mark.etag { conditions["If-None-Match"] = etag }
            if let date = mark.lastModified { conditions["If-Modified-Since"] = date }
        }
        return try pull.run(conditions) ? .pages(pull) : .unchanged(name: name)
    }

    /// The pages as files, which live as long as this object.
    func files() throws(AdapterError) -> [FoundFile] {
        let stamp = try FileSearch.stamp(spool.path)
        return pages.map { file($0, stamp) }
    }

    private func file(_ page: Page, _ stamp: FileStamp) -> FoundFile {
        FoundFile(path: spool.path, name: page.name, size: stamp.size, digest: page.digest, modified_ns: stamp.modified_ns, part: page.part)
    }

    /// False where nothing has changed.
    private func run(_ conditions: [String: String]) throws -> Bool {
        var address = client.first
        var number = 0
        set(&address, page: 0)
        var seen: Set<HTTPAddress> = [address]
        while true {
            guard let (answer, page, count) = try read(address, conditions) else { return false }
            number += 1
            if count > 0, let last = pages.last, last.digest == page.digest {
                throw client.fault(
                    .data, "The source answered page \(number) with the same content as the page before: it does not page as \"pages\" of the input says.",
                    address)
            }
            if number == 1 || count > 0 { pages.append(page) }
            records += count
            let next = try next(after: address, answer, page, count: count, number: number)
            if let total, next == nil, records != total {
                throw client.fault(
                    .data, "The source says that it has \(total) records, and delivered \(records).", address,
                    hint: "Nothing was told. If it is right like this, take expect_total out of the input.")
            }
            guard let next else { break }
            guard seen.insert(next).inserted else {
                throw client.fault(.data, "The link to the next page leads to a page that was read already: the list has no end.", address)
            }
            guard number < input.mostPages else {
                throw client.fault(.data, "The list goes on after \(number) pages.", address, hint: "See \"most\" in \"pages\" of the input.")
            }
            address = next
        }
        return true
    }

    /// One page; nil where it is as it was (304).
    private func read(_ address: HTTPAddress, _ conditions: [String: String]) throws -> (HTTPAnswer, Page, count: Int)? {
        let begin = spool.size
        let hasher = try ContentHasher()
        let sink = Sink(spool, hasher)
        let answer: HTTPAnswer
        do {
            answer = try client.get(address, conditions: conditions, restart: { try sink.restart(at: begin) }, take: { try sink.take($0) })
        } catch let error as FormatError {
            throw error.inAdapter()
        }
        if answer.status == 304 { return nil }
        linksOn = answer.headers["link"].flatMap { LinkHeader.target("next", in: $0) } != nil
        let page = Page(name: client.name(of: address), part: begin..<spool.size, digest: hasher.finishBytes())
        try requireReadable(answer, address)
        if input.pages == nil {
            let mark = StreamState.HTTPMark(address: page.name, etag: answer.headers["etag"], lastModified: answer.headers["last-modified"])
            self.mark = mark.etag == nil && mark.lastModified == nil ? nil : mark
        }
        return (answer, page, count: try count(page))
    }

    /// Throws where the answer is not what the manifest says, or nobody knows whether it is whole.
    private func requireReadable(_ answer: HTTPAnswer, _ address: HTTPAddress) throws(AdapterError) {
        let type = ContentType(answer.headers["content-type"] ?? "")
        if type.media == "text/html" || type.media == "application/xhtml+xml" {
            throw client.fault(.data, "The server answered with a web page in place of data.", address, hint: "Perhaps it asks to log in, or the address moved.")
        }
        let declared: String =
            switch input.format {
            case .csv(let options): options.encoding
            default: input.encoding ?? "utf-8"
            }
        if !input.ignoresCharset, let charset = type.charset, !Charset.fits(charset, declared: declared) {
            throw client.fault(
                .data, "The server says that its answer is in \(charset), the manifest says \(declared).", address,
                hint: "Set \"encoding\" of the format, or ignore_charset: true where the server is wrong.")
        }
        let isFramed = answer.headers["content-length"] != nil || answer.headers["transfer-encoding"] != nil || address.isEncrypted
        let tellsItsEnd: Bool =
            switch input.format {
            case .json, .geojson, .xml: true
            default: false
            }
        guard isFramed || tellsItsEnd || input.expectTotal != nil || input.acceptsUnknownLength else {
            throw client.fault(
                .data, "The server does not say how long its answer is: one that broke off would look whole.", address,
                hint: "Declare expect_total, or accept_unknown_length: true.")
        }
    }

    /// Where numbers of records matter, all are counted; else it is enough to know that there is one.
    private func count(_ page: Page) throws -> Int {
        if page.part.isEmpty { return 0 }
        var needsAll = input.expectTotal != nil
        if case .offset? = input.pages { needsAll = true }
        var count = 0
        let pages = FileInput(files: [file(page, try FileSearch.stamp(spool.path))], format: input.format, encoding: input.encoding, context: context)
        do {
            try pages.forEach { _, _ in
                count += 1
                if !needsAll { throw Enough() }
                if count & 0xFFF == 0, context.isCancelled() { throw RunCancelled() }
            }
        } catch is Enough {}
        return count
    }

    /// Ends a reading that has seen enough.
    private struct Enough: Error {}

    private func source(_ page: Page) throws(FormatError) -> any ByteSource {
        let bytes = try FileBytes(path: spool.path, from: page.part.lowerBound, to: page.part.upperBound)
        guard let encoding = input.encoding else { return bytes }
        return try TranscodedBytes(bytes, encoding: encoding)
    }
}

extension HTTPPull {
    /// The address of the next page; nil at the end. Notes what the source says of its total.
    private func next(after address: HTTPAddress, _ answer: HTTPAnswer, _ page: Page, count: Int, number: Int) throws -> HTTPAddress? {
        var pointers: [String] = []
        if case .pointer(let pointer)? = input.expectTotal { pointers.append(pointer) }
        switch input.pages {
        case .cursor(_, let from)?, .nextURL(let from)?: pointers.append(from)
        default: break
        }
        var values: [Value?] = []
        if !pointers.isEmpty {
            do throws(FormatError) {
                values = try JSONLookup.scalars(at: pointers, in: try source(page))
            } catch {
                throw error.inAdapter(file: page.name)
            }
        }
        try noteTotal(answer, values.first ?? nil, address)
        var next = address
        switch input.pages {
        case nil: return nil
        case .number, .offset:
            if count == 0 { return nil }
            if let total, records >= total { return nil }
            set(&next, page: number)
        case .cursor(let parameter, _)?:
            guard let value = values.last?.flatMap({ $0 })?.string, !value.isEmpty else { return nil }
            next.set(parameter, to: value)
        case .link?:
            guard let target = answer.headers["link"].flatMap({ LinkHeader.target("next", in: $0) }) else { return nil }
            next = try followed(target, from: address)
        case .nextURL?:
            guard let target = values.last?.flatMap({ $0 })?.string, !target.isEmpty else { return nil }
            next = try followed(target, from: address)
        }
        return next
    }

    private func followed(_ target: String, from address: HTTPAddress) throws(AdapterError) -> HTTPAddress {
        guard let next = HTTPAddress(target, relativeTo: address) else {
            throw client.fault(.data, "The address of the next page is no URL that can be followed.", address)
        }
        guard next.isEncrypted || !address.isEncrypted else {
            throw client.fault(.configuration, "The address of the next page leads from https to http: that is not followed.", address)
        }
        return next
    }

    /// Where the source counts pages or records itself: sets the parameters of a page, of which so many were read before.
    private func set(_ address: inout HTTPAddress, page: Int) {
        switch input.pages {
        case .number(let parameter, let first, let size, let sizeParameter)?:
            address.set(parameter, to: String(first + page))
            if let size, let sizeParameter { address.set(sizeParameter, to: String(size)) }
        case .offset(let parameter, let size, let sizeParameter)?:
            // By what was delivered, not by what was asked for: a server may give less.
            address.set(parameter, to: String(records))
            if let sizeParameter { address.set(sizeParameter, to: String(size)) }
        default: break
        }
    }

    /// The last page's word counts: the list may grow while it is read.
    private func noteTotal(_ answer: HTTPAnswer, _ value: Value?, _ address: HTTPAddress) throws(AdapterError) {
        let text: String?
        switch input.expectTotal {
        case nil: return
        case .pointer?: text = value?.string
        case .header(let name)?: text = answer.headers[name.lowercased()]
        }
        guard let number = text.flatMap({ Int($0.trimmed) }), number >= 0 else {
            throw client.fault(.data, "The answer does not say how many records there are where \"expect_total\" of the input looks.", address)
        }
        total = number
    }
}

/// Takes a page's bytes on the session's thread, while the one that asked waits.
private final class Sink: @unchecked Sendable {
    private let spool: SpoolFile
    private let hasher: ContentHasher

    init(_ spool: SpoolFile, _ hasher: ContentHasher) {
        self.spool = spool
        self.hasher = hasher
    }

    func restart(at size: Int) throws {
        if spool.size != size { try spool.cut(to: size) }
        hasher.begin()
    }

    func take(_ bytes: [UInt8]) throws {
        hasher.add(bytes)
        try spool.append(bytes)
    }
}

/// The header `Content-Type` (RFC 9110, section 8.3).
struct ContentType {
    /// In lower case; empty where there is none.
    let media: String
    /// In lower case.
    let charset: String?

    init(_ header: String) {
        let parts = header.split(separator: ";").map { $0.split(separator: "=", maxSplits: 1).map { String($0).trimmed.lowercased() } }
        media = parts.first?.first ?? ""
        charset = parts.dropFirst().first { $0.first == "charset" && $0.count == 2 }.map { String($0[1].filter { $0 != "\"" }) }
    }
}

/// Names of encodings.
enum Charset {
    /// Whether text in one encoding can be read as the other: the same one under another name, or a part of it.
    static func fits(_ delivered: String, declared: String) -> Bool {
        func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
        let (delivered, declared) = (plain(delivered), plain(declared))
        if delivered == declared || delivered == "usascii" || delivered == "ascii" { return true }
        // WHATWG Encoding Standard, section 4.2: each name stands for the largest of its family.
        let families: [[String]] = [
            ["gb2312", "gbk", "gb18030", "euccn", "xgbk", "cp936"], ["iso88591", "latin1", "windows1252", "cp1252"], ["shiftjis", "sjis", "windows31j", "cp932"],
            ["utf16", "utf16le", "utf16be"],
        ]
        return families.contains { $0.contains(delivered) && $0.contains(declared) }
    }
}
