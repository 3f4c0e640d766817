-- How many of each kind the twin holds.
SELECT 'buildings 楼幢', count(*) FROM twin.building
UNION ALL SELECT 'building parts 楼体部分', count(*) FROM twin.building_part
UNION ALL SELECT 'addresses 门牌', count(*) FROM twin.address
UNION ALL SELECT 'entrances 门栋', count(*) FROM twin.entrance
UNION ALL SELECT 'compounds 小区', count(*) FROM twin.compound
UNION ALL SELECT 'dwellings 户室', count(*) FROM twin.dwelling
UNION ALL SELECT 'pipes 管段', count(*) FROM twin.pipe
UNION ALL SELECT 'network links 管网连接', count(*) FROM twin.network_link
UNION ALL SELECT 'network nodes 管网节点', count(*) FROM twin.network_node
UNION ALL SELECT 'sensors 传感器', count(*) FROM twin.sensor
UNION ALL SELECT 'observations 观测', count(*) FROM twin.observation
UNION ALL SELECT 'cases 工单', count(*) FROM twin."case"
