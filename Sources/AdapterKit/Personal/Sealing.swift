import CLibCrypto

/// AES-256-GCM (NIST SP 800-38D): 12 bytes of nonce, the ciphertext, 16 bytes of tag.
enum Sealing {
    private static let nonceLength = 12
    private static let tagLength = 16

    static func seal(_ bytes: [UInt8], key: [UInt8]) throws(AdapterError) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: nonceLength)
        var ciphertext = [UInt8](repeating: 0, count: bytes.count + 16)
        var tag = [UInt8](repeating: 0, count: tagLength)
        var length: Int32 = 0
        var rest: Int32 = 0
        guard key.count == 32, RAND_bytes(&nonce, Int32(nonceLength)) == 1, let context = EVP_CIPHER_CTX_new() else { throw failure }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_EncryptUpdate(context, &ciphertext, &length, bytes, Int32(bytes.count)) == 1,
            ciphertext.withUnsafeMutableBufferPointer({ EVP_EncryptFinal_ex(context, $0.baseAddress.map { $0 + Int(length) }, &rest) }) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
        else { throw failure }
        return nonce + ciphertext.prefix(Int(length + rest)) + tag
    }

    static func open(_ sealed: [UInt8], key: [UInt8]) throws(AdapterError) -> [UInt8] {
        guard sealed.count >= nonceLength + tagLength, key.count == 32, let context = EVP_CIPHER_CTX_new() else { throw mismatch }
        defer { EVP_CIPHER_CTX_free(context) }
        let nonce = Array(sealed.prefix(nonceLength))
        var tag = Array(sealed.suffix(tagLength))
        let ciphertext = Array(sealed.dropFirst(nonceLength).dropLast(tagLength))
        var plain = [UInt8](repeating: 0, count: ciphertext.count + 16)
        var length: Int32 = 0
        var rest: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, &plain, &length, ciphertext, Int32(ciphertext.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1,
            plain.withUnsafeMutableBufferPointer({ EVP_DecryptFinal_ex(context, $0.baseAddress.map { $0 + Int(length) }, &rest) }) == 1
        else { throw mismatch }
        return Array(plain.prefix(Int(length + rest)))
    }

    private static let failure = AdapterError(.internal, "A quarantined row could not be encrypted.")
    private static let mismatch = AdapterError(
        .data, "The quarantined row cannot be decrypted: it was changed, or sealed under another key.",
        hint: "Check that quarantine.key is the one that was in use.")
}
