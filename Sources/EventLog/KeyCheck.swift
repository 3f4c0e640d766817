/// By which a key file is recognised without saying anything about the key: `hub.key_check.digest`.
package enum KeyCheck {
    /// SHA-256 of a fixed text, the file's name and the key.
    package static func digest(_ name: String, _ key: [UInt8]) -> [UInt8] {
        SHA256.digest(Array("twinhub key check\0\(name)\0".utf8) + key)
    }
}
