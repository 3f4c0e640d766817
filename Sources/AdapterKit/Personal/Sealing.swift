import CLibCrypto

/// AES-256-GCM (NIST SP 800-38D): 12 bytes of nonce, the ciphertext, 16 bytes of tag.
enum Sealing {
    static let nonceLength = 12
    static let tagLength = 16

    /// - Parameters:
    ///   - data: what the ciphertext is bound to; must be the same to open it.
    ///   - nonce: 12 bytes that no other text under this key has; nil draws them.
    static func seal(_ bytes: [UInt8], key: [UInt8], data: [UInt8] = [], nonce given: [UInt8]? = nil) throws(AdapterError) -> [UInt8] {
        let nonce = if let given { given } else { try random(nonceLength) }
        var ciphertext = [UInt8](repeating: 0, count: bytes.count + 16)
        var tag = [UInt8](repeating: 0, count: tagLength)
        var length: Int32 = 0
        var rest: Int32 = 0
        guard key.count == 32, nonce.count == nonceLength, let context = EVP_CIPHER_CTX_new() else { throw failure }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            data.isEmpty || EVP_EncryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
            EVP_EncryptUpdate(context, &ciphertext, &length, bytes, Int32(bytes.count)) == 1,
            ciphertext.withUnsafeMutableBufferPointer({ EVP_EncryptFinal_ex(context, $0.baseAddress.map { $0 + Int(length) }, &rest) }) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
        else { throw failure }
        return nonce + ciphertext.prefix(Int(length + rest)) + tag
    }

    /// Throws `data` where it was changed, bound to something else or sealed under another key.
    static func open(_ sealed: [UInt8], key: [UInt8], data: [UInt8] = []) throws(AdapterError) -> [UInt8] {
        guard sealed.count >= nonceLength + tagLength, key.count == 32, let context = EVP_CIPHER_CTX_new() else { throw mismatch }
        defer { EVP_CIPHER_CTX_free(context) }
        let nonce = Array(sealed.prefix(nonceLength))
        var tag = Array(sealed.suffix(tagLength))
        let ciphertext = Array(sealed.dropFirst(nonceLength).dropLast(tagLength))
        var plain = [UInt8](repeating: 0, count: ciphertext.count + 16)
        var length: Int32 = 0
        var rest: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            data.isEmpty || EVP_DecryptUpdate(context, nil, &length, data, Int32(data.count)) == 1,
            EVP_DecryptUpdate(context, &plain, &length, ciphertext, Int32(ciphertext.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1,
            plain.withUnsafeMutableBufferPointer({ EVP_DecryptFinal_ex(context, $0.baseAddress.map { $0 + Int(length) }, &rest) }) == 1
        else { throw mismatch }
        return Array(plain.prefix(Int(length + rest)))
    }

    static func random(_ count: Int) throws(AdapterError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw AdapterError(.internal, "The system gave no random numbers.") }
        return bytes
    }

    /// HMAC-SHA-256: 32 bytes.
    static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &length)
        return code
    }

    private static let failure = AdapterError(.internal, "A personal value could not be encrypted.")
    private static let mismatch = AdapterError(
        .data, "It cannot be decrypted: it was changed, or sealed under another key.",
        hint: "Check that the key files are the ones that were in use.")
}
