print("twinhub")
