import PostgresClient
import RecordFormats

extension AdapterDiscover {
    /// A stream that a source offers and that the manifest does not read.
    package struct Offered: Sendable, Hashable, Encodable {
        /// A tap's stream, a table.
        package let name: String
        package let columns: [OfferedColumn]
    }

    /// A column as the source declares it.
    package struct OfferedColumn: Sendable, Hashable, Encodable {
        package let name: String
        /// In the source's own words.
        package let type: String
        /// What it seems to hold of a person, by its name.
        package let personal: String?

        init(_ name: String, type: String) {
            self.name = name
            self.type = type
            personal = PersonalNames.family(of: name)
        }
    }

    /// What else the sources of a manifest have: a tap's catalog, the tables and views of a database that this login may read. Other kinds of source
    /// do not say what they have.
    package static func others(_ manifest: Manifest, environment: [String: String]) throws -> [Offered] {
        var offered: [Offered] = []
        var seen: Set<String> = []
        let context = InputContext(environment: environment)
        for stream in manifest.streams {
            switch stream.input {
            case .singer(let tap):
                guard seen.insert(tap.cursor).inserted else { continue }
                let streams = manifest.streams(of: tap)
                guard let catalog = try TapStart(tap: tap, streams: streams, folder: manifest.folder, context: context).catalog() else { continue }
                offered += catalog.others(than: Set(streams.compactMap { $0.tap?.name }))
            case .postgres(let table):
                let text = try table.connection.value("the connection string of the source's database", environment: environment, folder: manifest.folder)
                guard seen.insert(text).inserted else { continue }
                let read = Set(manifest.streams.compactMap { if case .postgres(let other) = $0.input { other.title } else { nil } })
                offered += try tables(text, title: table.title).filter { !read.contains($0.name) && !read.contains("public." + $0.name) }
            case .files, .http, .command, .piped: continue
            }
        }
        return offered
    }

    private static func tables(_ conninfo: String, title: String) throws -> [Offered] {
        let rows: Rows
        do throws(PostgresError) {
            rows = try Connection(conninfo, application: "twinhub adapter", defaults: ["connect_timeout": "10"]).execute(readableColumns)
        } catch {
            throw error.inAdapter(table: title)
        }
        var tables: [(name: String, columns: [OfferedColumn])] = []
        for row in 0..<rows.count {
            let name = rows.text(row, 0) ?? ""
            if tables.last?.name != name { tables.append((name, [])) }
            tables[tables.count - 1].columns.append(OfferedColumn(rows.text(row, 1) ?? "", type: rows.text(row, 2) ?? ""))
        }
        return tables.map { Offered(name: $0.name, columns: $0.columns) }
    }

    private static let readableColumns = """
        SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')
           AND has_column_privilege(c.oid, a.attnum, 'SELECT')
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
         ORDER BY n.nspname, c.relname, a.attnum
        """
}

extension TapCatalog {
    /// The streams of the catalog that go by none of these names.
    func others(than names: Set<String>) -> [AdapterDiscover.Offered] {
        streams.compactMap { entry in
            let own = ["tap_stream_id", "stream"].compactMap { entry[member: $0]?.string }
            guard let name = own.first, names.isDisjoint(with: own) else { return nil }
            var columns: [AdapterDiscover.OfferedColumn] = []
            if case .object(let properties)? = entry[member: "schema"]?[member: "properties"] {
                columns = properties.map { AdapterDiscover.OfferedColumn($0.name, type: Self.type(of: $0.value)) }
            }
            return AdapterDiscover.Offered(name: name, columns: columns)
        }
    }

    /// The types of a JSON Schema but null, and its format.
    private static func type(of schema: Value) -> String {
        var words: [String] = []
        switch schema[member: "type"] {
        case .text(let word)?: words = [word]
        case .array(let several)?: words = several.compactMap(\.string)
        default: break
        }
        let format = schema[member: "format"]?.string.map { [$0] } ?? []
        return (words.filter { $0 != "null" } + format).joined(separator: " ")
    }
}
